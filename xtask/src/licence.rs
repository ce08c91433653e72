//! Licences and bans of the dependencies, judged by deny.toml.

use crate::deny::Deny;
use crate::metadata::{self, Package};
use crate::report::say;
use crate::workspace::{Result, Workspace};

/// Checks every dependency of the workspace.
pub(crate) fn check(workspace: &Workspace) -> Result {
    let deny = Deny::parse(&workspace.read("deny.toml")?)?;
    let packages = metadata::read(workspace)?;
    let mut problems: Vec<String> = packages.iter().filter_map(|p| bad_licence(p, &deny)).collect();
    problems.extend(bad_crates(&packages, &deny));
    if !problems.is_empty() {
        return Err(problems.join("\n").into());
    }
    let allowed = deny.licences.len();
    say(format_args!("{} packages, {allowed} licences allowed", packages.len()));
    Ok(())
}

fn bad_licence(package: &Package, deny: &Deny) -> Option<String> {
    let Package { name, version, license, .. } = package;
    let Some(text) = license else {
        return Some(format!("{name} {version} names no licence"));
    };
    match Expression::parse(text) {
        Ok(expression) if expression.is_satisfied_by(&deny.licences) => None,
        Ok(_) => Some(format!("{name} {version}: `{text}` is not allowed by deny.toml")),
        Err(problem) => Some(format!("{name} {version}: `{text}`: {problem}")),
    }
}

fn bad_crates(packages: &[Package], deny: &Deny) -> Vec<String> {
    let count = |name: &String| packages.iter().filter(|p| p.name == *name).count();
    let banned = deny.banned.iter().filter(|name| count(name) > 0);
    let banned = banned.map(|name| format!("{name} is banned by deny.toml"));
    let double = deny.single.iter().filter(|name| count(name) > 1);
    let double = double.map(|name| format!("{name} is there in {} versions", count(name)));
    banned.chain(double).collect()
}

/// An SPDX licence expression.
#[derive(Debug, PartialEq)]
enum Expression {
    Licence(String),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

impl Expression {
    /// Parses an expression; `/` between licences is the old spelling of `OR`.
    fn parse(text: &str) -> std::result::Result<Self, String> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let expression = either(&mut rest)?;
        match rest.first() {
            None => Ok(expression),
            Some(word) => Err(format!("unexpected `{word}`")),
        }
    }

    fn is_satisfied_by(&self, allowed: &[String]) -> bool {
        match self {
            Self::Licence(name) => allowed.contains(name),
            Self::And(all) => all.iter().all(|one| one.is_satisfied_by(allowed)),
            Self::Or(any) => any.iter().any(|one| one.is_satisfied_by(allowed)),
        }
    }
}

type Words<'w, 'a> = &'w mut &'a [&'a str];

/// `OR` binds weaker than `AND`.
fn either(words: Words<'_, '_>) -> std::result::Result<Expression, String> {
    joined(words, "OR", both, Expression::Or)
}

fn both(words: Words<'_, '_>) -> std::result::Result<Expression, String> {
    joined(words, "AND", single, Expression::And)
}

fn joined(
    words: Words<'_, '_>,
    operator: &str,
    part: fn(Words<'_, '_>) -> std::result::Result<Expression, String>,
    join: fn(Vec<Expression>) -> Expression,
) -> std::result::Result<Expression, String> {
    let first = part(words)?;
    let mut parts = vec![first];
    while words.first() == Some(&operator) {
        *words = &words[1..];
        parts.push(part(words)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { join(parts) })
}

fn single(words: Words<'_, '_>) -> std::result::Result<Expression, String> {
    match **words {
        ["(", ref rest @ ..] => {
            *words = rest;
            let inner = either(words)?;
            match **words {
                [")", ref rest @ ..] => *words = rest,
                _ => return Err("expected `)`".to_owned()),
            }
            Ok(inner)
        }
        [")" | "OR" | "AND" | "WITH", ..] => {
            Err(format!("expected a licence, found `{}`", words[0]))
        }
        [licence, "WITH", exception, ref rest @ ..] => {
            *words = rest;
            Ok(Expression::Licence(format!("{licence} WITH {exception}")))
        }
        [licence, ref rest @ ..] => {
            *words = rest;
            Ok(Expression::Licence(licence.to_owned()))
        }
        [] => Err("expected a licence, found the end".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(expression: &str) -> bool {
        let list = ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned);
        Expression::parse(expression).unwrap().is_satisfied_by(&list)
    }

    #[test]
    fn one_side_of_or_is_enough() {
        assert!(allowed("GPL-3.0 OR MIT"));
        assert!(allowed("MIT/GPL-3.0"));
        assert!(!allowed("GPL-3.0 OR MPL-2.0"));
    }

    #[test]
    fn both_sides_of_and_are_needed() {
        assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(!allowed("MIT AND GPL-3.0"));
    }

    #[test]
    fn and_binds_stronger_than_or() {
        assert!(allowed("MIT OR GPL-3.0 AND MPL-2.0"));
        assert!(!allowed("(MIT OR GPL-3.0) AND MPL-2.0"));
    }

    #[test]
    fn an_exception_makes_another_licence() {
        assert!(!allowed("Apache-2.0 WITH LLVM-exception"));
        assert!(allowed("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"));
    }

    #[test]
    fn broken_expressions_are_refused() {
        for text in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "OR MIT", "MIT WITH"] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_package_without_a_licence_is_refused() {
        let package = Package::default();
        assert!(bad_licence(&package, &Deny::default()).unwrap().contains("names no licence"));
    }

    #[test]
    fn banned_and_double_crates_are_named() {
        let package = |name: &str| Package { name: name.to_owned(), ..Package::default() };
        let packages = [package("openssl-sys"), package("sqlite"), package("sqlite")];
        let deny = Deny {
            banned: vec!["openssl-sys".to_owned(), "aws-lc-sys".to_owned()],
            single: vec!["sqlite".to_owned()],
            ..Deny::default()
        };
        assert_eq!(
            bad_crates(&packages, &deny),
            ["openssl-sys is banned by deny.toml", "sqlite is there in 2 versions"]
        );
    }
}
