//! A changed schema compiles what rests on it anew.
//!
//! The crate under test names a stub of the core, so that only the macro has to be built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SOURCE: &str = r#"
pub mod engine {
    pub mod __private {
        pub struct Statement(pub &'static str);
        impl Statement {
            pub const fn new(text: &'static str) -> Self {
                Self(text)
            }
        }
        pub struct ObjectTag<const NAME: u64>;
        pub enum Records {}
        pub enum Here {}
        pub struct Selected {
            pub text: &'static str,
            pub place: [&'static str; 2],
            pub fields: SelectedFields,
        }
        pub struct SelectedFields {
            pub lead: &'static str,
            pub fields: &'static [SelectedField],
            pub complete: bool,
            pub at: Spot,
        }
        pub struct SelectedField {
            pub name: &'static str,
            pub under: Under,
            pub at: Spot,
        }
        pub enum Under {
            Value,
        }
        pub struct Spot {
            pub start: usize,
            pub end: usize,
            pub place: &'static str,
        }
        pub trait SoqlQuery {
            type Object;
            type Gives;
            type Depth;
            const SELECTED: Selected;
        }
        pub fn statement<Q: SoqlQuery>(statement: &'static Statement) -> &'static str {
            statement.0
        }
        pub fn soql(text: &'static str, _: [&'static str; 0]) -> &'static str {
            text
        }
        pub fn mistaken() -> &'static str {
            ""
        }
    }
}

pub fn queries() -> [&'static str; 2] {
    [
        circuit_macros::soql!("SELECT Email FROM Contact", crate = crate::engine),
        circuit_macros::soql!("SELECT Email, Phone FROM Contact", crate = crate::engine),
    ]
}
"#;

/// A crate that uses the macro, in the folder for files of tests.
struct Host {
    folder: PathBuf,
}

impl Host {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rebuild");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src")).expect("the folder for tests can be written to");
        fs::create_dir_all(folder.join("schema")).expect("the folder for tests can be written to");
        fs::create_dir_all(folder.join("other")).expect("the folder for tests can be written to");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the workspace is around the crate");
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))
            .expect("the folder for tests can be written to");
        let host = Self { folder };
        host.write("src/lib.rs", SOURCE);
        host
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).expect("the folder for tests can be written to");
    }

    fn manifest(&self, end: &str) {
        let macros = env!("CARGO_MANIFEST_DIR");
        self.write(
            "Cargo.toml",
            &format!(
                "[workspace]\n\n[package]\nname = \"rebuild\"\nversion = \"0.0.0\"\nedition = \
                 \"2024\"\n\n[dependencies]\ncircuit-macros = {{ path = {macros:?} }}\n\n{end}"
            ),
        );
    }

    fn contact(&self, folder: &str, fields: &[&str]) {
        let fields: Vec<_> =
            fields.iter().map(|f| format!("{{\"name\":\"{f}\",\"type\":\"text\"}}")).collect();
        let text = format!("{{\"object\":\"Contact\",\"fields\":[{}]}}", fields.join(","));
        self.write(&format!("{folder}/Contact.json"), &text);
    }

    fn check(&self, variable: Option<&str>) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["check", "--offline"]).current_dir(&self.folder);
        // A folder of its own, kept from run to run: cargo must not wait for the build around it.
        cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("../rebuild"));
        cargo.env_remove("CIRCUIT_SCHEMA").env_remove("RUSTFLAGS");
        if let Some(folder) = variable {
            cargo.env("CIRCUIT_SCHEMA", folder);
        }
        cargo.output().expect("cargo runs")
    }

    #[track_caller]
    fn passes(&self, variable: Option<&str>) {
        let output = self.check(variable);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[track_caller]
    fn fails(&self, variable: Option<&str>, message: &str) {
        let output = self.check(variable);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(message), "{said}");
    }
}

#[test]
fn a_changed_file_variable_or_manifest_checks_the_queries_again() {
    let host = Host::new();
    host.manifest("");
    host.passes(None);
    let named = "[package.metadata.circuit]\nschema = \"schema\"\n";

    host.manifest(named);
    host.contact("schema", &["Email"]);
    host.fails(None, "unknown field `Phone` of Contact");
    host.contact("schema", &["Email", "Phone"]);
    host.passes(None);
    host.contact("schema", &["Emails", "Phone"]);
    host.fails(None, "unknown field `Email` of Contact; did you mean `Emails`?");

    host.passes(Some(""));
    host.fails(Some("nowhere"), "the folder of schema files, `nowhere`, is not there");
    host.contact("other", &["Email", "Phone"]);
    host.passes(Some("other"));
    host.fails(None, "unknown field `Email` of Contact");

    fs::remove_file(host.folder.join("schema/Contact.json")).unwrap();
    host.fails(None, "unknown object `Contact`");
    host.manifest("");
    host.passes(None);
}
