//! `limits(queries = 10, dml_rows = 200)`: what a handler itself may use.

use syn::spanned::Spanned;
use syn::{Expr, Lit};

use crate::error::Errors;
use crate::suggest::unknown;

/// The limits that a handler can have of its own: the names and variants of `circuit_core::Limit`.
pub(super) const LIMITS: [(&str, &str); 10] = [
    ("queries", "Queries"),
    ("sub_queries", "SubQueries"),
    ("query_rows", "QueryRows"),
    ("dml_statements", "DmlStatements"),
    ("dml_rows", "DmlRows"),
    ("callouts", "Callouts"),
    ("callout_time", "CalloutTime"),
    ("queueable_jobs", "QueueableJobs"),
    ("cpu_time", "CpuTime"),
    ("heap_size", "HeapSize"),
];

const FORM: &str = "expected limits with numbers, as in `limits(queries = 10, dml_rows = 200)`";

/// Reads the limits; what is wrong goes to `errors`.
pub(super) fn read(value: &Expr, errors: &mut Errors) -> Vec<(&'static str, u64)> {
    let Expr::Tuple(tuple) = value else {
        errors.at(value, FORM);
        return Vec::new();
    };
    if tuple.elems.is_empty() {
        errors.at(value, FORM);
    }
    let mut limits: Vec<(&'static str, u64)> = Vec::new();
    for elem in &tuple.elems {
        match errors.keep(one(elem)) {
            Some((variant, _)) if limits.iter().any(|(known, _)| *known == variant) => {
                errors.at(elem, "this limit is there twice");
            }
            Some(limit) => limits.push(limit),
            None => {}
        }
    }
    limits
}

fn one(elem: &Expr) -> syn::Result<(&'static str, u64)> {
    let form = || syn::Error::new(elem.span(), FORM);
    let Expr::Assign(assign) = elem else {
        return Err(form());
    };
    let (Expr::Path(path), Expr::Lit(most)) = (&*assign.left, &*assign.right) else {
        return Err(form());
    };
    let Lit::Int(most) = &most.lit else {
        return Err(form());
    };
    let name = path.path.require_ident()?.to_string();
    let found = LIMITS.iter().find(|(known, _)| *known == name);
    let Some((_, variant)) = found else {
        let names: Vec<&str> = LIMITS.iter().map(|(name, _)| *name).collect();
        return Err(syn::Error::new(path.span(), unknown("limit of a handler", &name, &names)));
    };
    Ok((variant, most.base10_parse()?))
}

#[cfg(test)]
mod tests {
    use circuit_core::Limit;

    use super::*;

    #[test]
    fn the_table_is_that_of_circuit_core_without_what_no_handler_has_alone() {
        let shared = [Limit::Depth, Limit::HookDepth, Limit::WallClock];
        let theirs = Limit::ALL.iter().filter(|limit| !shared.contains(limit));
        let theirs: Vec<_> = theirs.map(|l| (l.name().to_owned(), format!("{l:?}"))).collect();
        let ours = LIMITS.map(|(name, variant)| (name.to_owned(), variant.to_owned()));
        assert_eq!(ours.as_slice(), theirs);
    }
}
