//! `cargo xtask bench soql-compile`: what a schema costs while compiling.
//!
//! One file with 200 queries, compiled with a folder of describe files, of which one has 300
//! fields, and without: what is added is the price of the check.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::report::say;
use crate::workspace::{Result, Workspace, output};

const QUERIES: usize = 200;
const FIELDS: usize = 300;
const RUNS: usize = 7;
/// What the check may add.
const GOAL: Duration = Duration::from_secs(1);

const MANIFEST: &str = r#"[workspace]

[package]
name = "soql-compile"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
circuit-core = { path = "../../circuit-core" }
"#;

/// Compiles the crate with and without the schema, in turns, and compares the medians.
pub(crate) fn run(workspace: &Workspace) -> Result {
    let folder = workspace.path("target/soql-compile");
    fs::create_dir_all(folder.join("src"))?;
    fs::create_dir_all(folder.join("schema"))?;
    fs::write(folder.join("Cargo.toml"), MANIFEST)?;
    fs::write(folder.join("schema/Contact.json"), describe())?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    check(workspace, &folder, 0, "")?;
    for run in 1..=RUNS {
        with.push(check(workspace, &folder, 2 * run, "schema")?);
        without.push(check(workspace, &folder, 2 * run + 1, "")?);
    }
    let (with, without) = (median(with), median(without));
    let added = with.saturating_sub(without);
    say(format_args!(
        "{QUERIES} queries, {FIELDS} fields, median of {RUNS}: {:.0} ms with the schema, {:.0} ms \
         without; the schema adds {:.0} ms, at most {:.0} ms are wanted",
        millis(with),
        millis(without),
        millis(added),
        millis(GOAL),
    ));
    if added > GOAL { Err("the check of the schema takes too long".into()) } else { Ok(()) }
}

/// Compiles the crate after a change and returns how long it took.
fn check(workspace: &Workspace, folder: &Path, run: usize, schema: &str) -> Result<Duration> {
    fs::write(folder.join("src/lib.rs"), source(run))?;
    let start = Instant::now();
    let mut cargo = workspace.cargo(&["check", "--quiet", "--lib"]);
    output(cargo.current_dir(folder).env("CIRCUIT_SCHEMA", schema))?;
    Ok(start.elapsed())
}

fn source(run: usize) -> String {
    let mut text = format!("//! Run {run}.\n\nuse circuit_core::{{Record, Session, soql}};\n");
    for i in 0..QUERIES {
        let (a, b, c) = (i % FIELDS, (i * 7 + 1) % FIELDS, (i * 13 + 2) % FIELDS);
        let _ = write!(
            text,
            "\npub async fn q{i}(session: &Session, owner: &str) {{\n    let query = soql!(\n        \
             \"SELECT Id, Field{a}__c, Field{b}__c, Owner.Id FROM Contact WHERE Field{c}__c = 'x' AND \
             OwnerId = :owner ORDER BY Field{b}__c LIMIT {}\",\n        owner\n    );\n    let _ = \
             session.query::<Record>(query).await;\n}}\n",
            i + 1
        );
    }
    text
}

/// Writes what Salesforce answers: a field has some sixty members there, most of them not read.
fn describe() -> String {
    let rest = "\"aggregatable\":true,\"aiPredictionField\":false,\"autoNumber\":false,\
                \"byteLength\":765,\"calculated\":false,\"calculatedFormula\":null,\
                \"cascadeDelete\":false,\"caseSensitive\":false,\"compoundFieldName\":null,\
                \"controllerName\":null,\"createable\":true,\"defaultValue\":null,\
                \"defaultValueFormula\":null,\"defaultedOnCreate\":false,\
                \"dependentPicklist\":false,\"deprecatedAndHidden\":false,\"digits\":0,\
                \"displayLocationInDecimal\":false,\"encrypted\":false,\"externalId\":false,\
                \"extraTypeInfo\":null,\"filterable\":true,\"filteredLookupInfo\":null,\
                \"formulaTreatNullNumberAsZero\":false,\"groupable\":true,\"highScaleNumber\":false,\
                \"htmlFormatted\":false,\"idLookup\":false,\"inlineHelpText\":null,\"label\":\"A \
                field of the customer's\",\"length\":255,\"mask\":null,\"maskType\":null,\
                \"nameField\":false,\"namePointing\":false,\"nillable\":true,\"permissionable\":true,\
                \"picklistValues\":[],\"polymorphicForeignKey\":false,\"precision\":0,\
                \"queryByDistance\":false,\"referenceTargetField\":null,\"relationshipOrder\":null,\
                \"restrictedDelete\":false,\"restrictedPicklist\":false,\"scale\":0,\
                \"searchPrefilterable\":false,\"soapType\":\"xsd:string\",\"sortable\":true,\
                \"unique\":false,\"updateable\":true,\"writeRequiresMasterRead\":false";
    let mut fields = vec![
        format!("{{\"name\":\"Id\",\"type\":\"id\",{rest}}}"),
        format!(
            "{{\"name\":\"OwnerId\",\"type\":\"reference\",\"referenceTo\":[\"Contact\"],\
             \"relationshipName\":\"Owner\",{rest}}}"
        ),
    ];
    fields.extend((0..FIELDS).map(|i| {
        format!("{{\"name\":\"Field{i}__c\",\"type\":\"string\",\"custom\":true,{rest}}}")
    }));
    format!("{{\"name\":\"Contact\",\"childRelationships\":[],\"fields\":[{}]}}", fields.join(","))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_as_many_queries_and_the_object_as_many_fields_as_said() {
        assert_eq!(source(1).matches("soql!(").count(), QUERIES);
        assert_eq!(describe().matches("__c\"").count(), FIELDS);
    }
}
