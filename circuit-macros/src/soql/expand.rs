//! From a query to tokens.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::args::{Args, Bind};
use super::check::Checked;
use super::literal::Source;
use super::manifest;
use super::mistake::Mistake;
use crate::name::object_tag;

/// Returns the query as a value.
pub(super) fn expand(
    private: &TokenStream,
    checked: &Checked,
    args: &Args,
    binds: &[Bind],
) -> TokenStream {
    let Checked { object, selected, complete, files } = checked;
    let (text, tag) = (&args.source.value, object_tag(object));
    let name = format_ident!("{}", type_name(object));
    let tracked = tracked(files);
    let values =
        binds.iter().map(|Bind { text, value, .. }| quote!((#text, #private::bind(#value))));
    // The items stand in a block of their own: the user's values must not see them.
    quote! {
        #private::soql(
            {
                #tracked
                enum #name {}
                impl #private::SoqlQuery for #name {
                    type Object = #private::ObjectTag<#tag>;
                    const SELECTED: #private::SelectedFields = #private::SelectedFields {
                        fields: &[#(#selected),*],
                        complete: #complete,
                        place: ::core::concat!(::core::file!(), ":", ::core::line!()),
                    };
                }
                static STATEMENT: #private::Statement = #private::Statement::new(#text);
                #private::statement::<#name>(&STATEMENT)
            },
            [#(#values),*],
        )
    }
}

/// Returns a value in the place of a query with mistakes, and what tells them.
pub(super) fn mistaken(
    private: &TokenStream,
    binds: &[Bind],
    mistakes: &[Mistake],
    source: Option<&Source>,
) -> TokenStream {
    let told = source.iter().flat_map(|source| mistakes.iter().map(|m| m.told(source)));
    let values = binds.iter().map(|bind| &bind.value);
    // The values are used all the same, or the compiler would call what they name unused.
    quote!({ #(#told)* #(let _ = &(#values);)* #private::mistaken() })
}

/// Returns the value with errors beside it.
pub(super) fn with_errors(value: &TokenStream, error: &syn::Error) -> TokenStream {
    let errors = error.to_compile_error();
    quote!({ #errors #value })
}

/// Makes the compiler watch the files, the manifest and the variable: once for all queries of a
/// crate, since a change expands all of them again.
fn tracked(files: &[PathBuf]) -> TokenStream {
    static TRACKED: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);
    let mut tracked = TRACKED.lock().unwrap_or_else(PoisonError::into_inner);
    let manifest = manifest::manifest().filter(|path| path.is_file());
    let first = manifest.as_ref().is_some_and(|path| !tracked.contains(path));
    let variable = first.then(|| {
        quote! {
            const _: ::core::option::Option<&::core::primitive::str> =
                ::core::option_env!("CIRCUIT_SCHEMA");
        }
    });
    let new = files.iter().chain(&manifest).filter(|path| tracked.insert((*path).clone()));
    let new = new.filter_map(|path| path.to_str());
    quote! {
        #variable
        #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#new);)*
    }
}

/// Names the type that stands for the query after its object: the compiler's messages show it.
fn type_name(object: &str) -> String {
    let mut name = String::new();
    for part in object.split('_').filter(|part| !part.is_empty()) {
        let mut chars = part.chars();
        name.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name != "Self";
    if fits { name } else { format!("Query{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_after_the_object() {
        assert_eq!(type_name("Contact"), "Contact");
        assert_eq!(type_name("vlpr_order__c"), "VlprOrderC");
        assert_eq!(type_name("self"), "QuerySelf");
    }
}
