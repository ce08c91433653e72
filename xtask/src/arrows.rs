//! The arrows between the crates (docs/architecture.md): what a crate must not pull in.

use std::collections::BTreeSet;

use crate::metadata;
use crate::workspace::{Result, Workspace, output};

/// What one package may stand on.
struct Arrow {
    package: &'static str,
    features: Features,
    rule: Rule,
    /// How many direct dependencies it may have, those of this workspace aside.
    most_direct: usize,
}

/// With which features the package is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Features {
    All,
    None,
}

enum Rule {
    /// None of these may be in the tree.
    Without(&'static [&'static str]),
    /// Nothing but these may be in the tree.
    Only(&'static [&'static str]),
}

/// What reading JSON takes.
const JSON: &[&str] = &["serde_json", "serde_core", "itoa", "memchr", "zmij"];

const ARROWS: &[Arrow] = &[
    Arrow {
        package: "circuit-core",
        features: Features::All,
        rule: Rule::Without(&[
            "reqwest",
            "hyper",
            "rusqlite",
            "libsqlite3-sys",
            "axum",
            "sqlx",
            "circuit-db",
            "circuit-testkit",
        ]),
        most_direct: 12,
    },
    Arrow {
        package: "circuit-soql",
        features: Features::None,
        rule: Rule::Only(&[]),
        most_direct: 1,
    },
    Arrow {
        package: "circuit-soql",
        features: Features::All,
        rule: Rule::Only(JSON),
        most_direct: 1,
    },
    Arrow {
        package: "circuit-macros",
        features: Features::All,
        rule: Rule::Only(&[
            "syn",
            "quote",
            "proc-macro2",
            "unicode-ident",
            "circuit-soql",
            "serde_json",
            "serde_core",
            "itoa",
            "memchr",
            "zmij",
        ]),
        most_direct: 4,
    },
    Arrow {
        package: "circuit-alloc",
        features: Features::All,
        rule: Rule::Only(&["rustix", "bitflags", "linux-raw-sys"]),
        most_direct: 1,
    },
    Arrow {
        package: "circuit-workers",
        features: Features::All,
        rule: Rule::Without(&["circuit-db", "circuit-testkit", "reqwest", "axum"]),
        most_direct: 4,
    },
    Arrow {
        package: "circuit-db",
        features: Features::All,
        rule: Rule::Without(&["circuit-testkit", "axum", "sqlx"]),
        most_direct: usize::MAX,
    },
    Arrow {
        package: "circuit-observe",
        features: Features::All,
        rule: Rule::Without(&["circuit-testkit", "axum", "sqlx", "aws-lc-rs", "native-tls"]),
        most_direct: usize::MAX,
    },
    Arrow {
        package: "circuit-observe",
        features: Features::None,
        rule: Rule::Without(&["hyper", "reqwest", "rusqlite", "rustls", "tokio-postgres"]),
        most_direct: usize::MAX,
    },
];

/// Compares the dependency trees with the rules.
pub(crate) fn check(workspace: &Workspace) -> Result {
    let packages = metadata::read(workspace)?;
    let mut problems = Vec::new();
    for arrow in ARROWS {
        let name = arrow.package;
        let features = match arrow.features {
            Features::All => "--all-features",
            Features::None => "--no-default-features",
        };
        let args = ["tree", "-p", name, features, "-e", "normal", "--prefix", "none"];
        let tree = output(&mut workspace.cargo(&args))?;
        problems.extend(violations(arrow, &crates(&tree)));
        let package = packages.iter().find(|p| p.is_member && p.name == name);
        let ours = |name: &String| packages.iter().any(|p| p.is_member && p.name == *name);
        let direct = package
            .map_or(0, |package| package.dependencies.iter().filter(|name| !ours(name)).count());
        if direct > arrow.most_direct {
            let most = arrow.most_direct;
            problems.push(format!("{name} has {direct} direct dependencies, at most {most}"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// Returns the names in the output of `cargo tree --prefix none`.
fn crates(tree: &str) -> BTreeSet<&str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| !name.starts_with('[')).collect()
}

fn violations(arrow: &Arrow, tree: &BTreeSet<&str>) -> Vec<String> {
    let package = arrow.package;
    let allowed = |name: &str| match arrow.rule {
        Rule::Without(names) => !names.contains(&name),
        Rule::Only(names) => name == package || names.contains(&name),
    };
    let wrong = tree.iter().filter(|name| !allowed(name));
    wrong.map(|name| format!("{package} must not depend on {name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "circuit-macros v0.1.0 (proc-macro) (/somewhere/circuit-macros)\n\
        syn v3.0.9\nproc-macro2 v1.0.107\nunicode-ident v1.0.24\nsyn v3.0.9 (*)\n\n";

    fn arrow(rule: Rule) -> Arrow {
        Arrow { package: "circuit-macros", features: Features::All, rule, most_direct: 4 }
    }

    #[test]
    fn a_tree_names_each_crate_once() {
        let expected = BTreeSet::from(["circuit-macros", "proc-macro2", "syn", "unicode-ident"]);
        assert_eq!(crates(TREE), expected);
    }

    #[test]
    fn a_forbidden_crate_is_named() {
        let found = violations(&arrow(Rule::Without(&["syn", "axum"])), &crates(TREE));
        assert_eq!(found, ["circuit-macros must not depend on syn"]);
    }

    #[test]
    fn a_crate_off_the_list_is_named() {
        let only = Rule::Only(&["syn", "proc-macro2"]);
        let found = violations(&arrow(only), &crates(TREE));
        assert_eq!(found, ["circuit-macros must not depend on unicode-ident"]);
    }

    #[test]
    fn names_are_compared_whole() {
        let found = violations(&arrow(Rule::Without(&["proc-macro"])), &crates(TREE));
        assert!(found.is_empty(), "{found:?}");
    }
}
