//! From a query to tokens.

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::args::{Args, Bind};
use super::check::{Checked, Takes};
use super::fit;
use super::literal::Source;
use super::manifest;
use super::mistake::Mistake;
use super::select::{Field, Selected, Under};
use crate::name::object_tag;

/// Returns the query as a value.
pub(super) fn expand(
    private: &TokenStream,
    checked: &Checked,
    args: &Args,
    binds: &[Bind],
) -> TokenStream {
    let Checked { object, gives, selected, takes, compared, files } = checked;
    let (text, tag) = (&args.source.value, object_tag(object));
    let name = format_ident!("{}", type_name(object));
    let tracked = tracked(files);
    let gives = format_ident!("{gives:?}");
    let depth = (0..selected.depth())
        .fold(quote!(#private::Here), |depth, _| quote!(#private::Deeper<#depth>));
    let fields = fields(private, selected, &args.source);
    let values = binds.iter().zip(takes).map(|(Bind { text, value, .. }, takes)| {
        let own = compared.iter().filter(|one| &args.source.value[one.span.range()][1..] == text);
        let looks: Vec<_> =
            own.filter_map(|one| fit::looks(private, one, *takes, &args.source)).collect();
        let value = match looks.as_slice() {
            [] => quote!(#value),
            looks => quote!(#private::looked_at(#value, |value| { #(#looks)* })),
        };
        match takes {
            Takes::One => quote!((#text, #private::bind_one(#value))),
            Takes::List => quote!((#text, #private::bind_list(#value))),
            Takes::Any => quote!((#text, #private::bind(#value))),
        }
    });
    // The items stand in a block of their own: the user's values must not see them.
    quote! {
        #private::soql(
            {
                #tracked
                enum #name {}
                impl #private::SoqlQuery for #name {
                    type Object = #private::ObjectTag<#tag>;
                    type Gives = #private::#gives;
                    type Depth = #depth;
                    const SELECTED: #private::Selected = #private::Selected {
                        text: #text,
                        place: [::core::file!(), ::core::concat!(::core::line!())],
                        fields: #fields,
                    };
                }
                static STATEMENT: #private::Statement = #private::Statement::new(#text);
                #private::statement::<#name>(&STATEMENT)
            },
            [#(#values),*],
        )
    }
}

/// Returns what is selected, as the compiler compares it with a struct.
fn fields(private: &TokenStream, selected: &Selected, source: &Source) -> TokenStream {
    let Selected { lead, complete, span, .. } = selected;
    let at = spot(private, span, source);
    let all = selected.fields.iter().map(|Field { name, under, span }| {
        let at = spot(private, span, source);
        let under = match under {
            Under::Value => quote!(Value),
            Under::Parent(under) => {
                let fields = fields(private, under, source);
                quote!(Parent(&#fields))
            }
            Under::Children(under) => {
                let fields = fields(private, under, source);
                quote!(Children(&#fields))
            }
        };
        quote!(#private::SelectedField { name: #name, under: #private::Under::#under, at: #at })
    });
    quote! {
        #private::SelectedFields {
            lead: #lead,
            fields: &[#(#all),*],
            complete: #complete,
            at: #at,
        }
    }
}

fn spot(private: &TokenStream, span: &Range<usize>, source: &Source) -> TokenStream {
    let (Range { start, end }, place) = (span, source.line_and_column(span));
    let place = place.map_or(String::new(), |(line, column)| format!("{line}:{column}"));
    quote!(#private::Spot { start: #start, end: #end, place: #place })
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
