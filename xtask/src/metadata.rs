//! What `cargo metadata` says about the packages.

use serde_json::Value;

use crate::workspace::{Result, Workspace, output};

/// A package of the dependency graph, all features and platforms included.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) features: Vec<String>,
    /// The names of the direct dependencies that a user of the package builds.
    pub(crate) dependencies: Vec<String>,
    pub(crate) is_member: bool,
    pub(crate) publishable: bool,
    pub(crate) has_library: bool,
}

impl Package {
    /// Returns whether it is a library of this workspace that others may depend on.
    pub(crate) fn is_published_library(&self) -> bool {
        self.is_member && self.publishable && self.has_library
    }
}

/// Reads the packages of the workspace and all that they depend on.
pub(crate) fn read(workspace: &Workspace) -> Result<Vec<Package>> {
    let args = ["metadata", "--format-version", "1", "--all-features"];
    parse(&output(&mut workspace.cargo(&args))?)
}

fn parse(json: &str) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(json)?;
    let packages = metadata["packages"].as_array();
    let packages = packages.ok_or("cargo metadata lists no packages")?;
    Ok(packages.iter().map(package).collect())
}

fn package(json: &Value) -> Package {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let features = json["features"].as_object();
    let dependencies = list(&json["dependencies"]).filter(|one| one["kind"].is_null());
    let targets = list(&json["targets"]);
    let is_library = |kind: &Value| matches!(kind.as_str(), Some("lib" | "proc-macro"));
    Package {
        name: text(&json["name"]).unwrap_or_default(),
        version: text(&json["version"]).unwrap_or_default(),
        license: text(&json["license"]),
        features: features.map(|map| map.keys().cloned().collect()).unwrap_or_default(),
        dependencies: dependencies.filter_map(|one| text(&one["name"])).collect(),
        is_member: json["source"].is_null(),
        publishable: json["publish"].as_array().is_none_or(|to| !to.is_empty()),
        has_library: targets.flat_map(|one| list(&one["kind"])).any(is_library),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dev_and_build_dependencies_are_not_counted() {
        let json = r#"{"packages":[{"name":"a","version":"1.0.0","license":"MIT","source":null,
            "publish":[],"features":{"x":[]},"targets":[{"kind":["lib"]}],
            "dependencies":[{"name":"b","kind":null},{"name":"c","kind":"dev"}]}]}"#;
        let package = parse(json).unwrap().remove(0);
        assert_eq!(package.dependencies, ["b"]);
        assert_eq!(package.features, ["x"]);
        assert!(package.is_member && !package.is_published_library());
    }
}
