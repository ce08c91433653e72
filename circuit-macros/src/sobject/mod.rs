//! `#[derive(SObject)]`: parse, validate, expand.

mod attr;
mod expand;
mod field;

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::error::Errors;
use attr::Container;
use field::Field;

/// A struct without mistakes.
struct Sobject {
    container: Container,
    object: LitStr,
    fields: Vec<Field>,
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let parsed = syn::parse2::<DeriveInput>(input);
    match parsed.and_then(|input| Ok((validate(&input)?, input))) {
        Ok((sobject, input)) => expand::expand(&sobject, &input),
        Err(error) => error.to_compile_error(),
    }
}

fn validate(input: &DeriveInput) -> syn::Result<Sobject> {
    let mut errors = Errors::default();
    let container = Container::read(&input.attrs, &mut errors);
    let object = container.object.clone().unwrap_or_else(|| {
        errors.at(
            &input.ident,
            "the object's name is missing: add `#[sobject(\"Contact\")]`",
        );
        LitStr::new("", input.ident.span())
    });
    if let Some(param) = input.generics.params.first() {
        errors.at(param, "`SObject` structs cannot be generic");
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => named
                .named
                .iter()
                .map(|f| Field::read(f, &mut errors))
                .collect(),
            other => {
                let tokens: &dyn quote::ToTokens = if other.is_empty() {
                    &input.ident
                } else {
                    other
                };
                errors.at(tokens, "`SObject` structs have named fields");
                Vec::new()
            }
        },
        Data::Enum(data) => {
            errors.at(
                data.enum_token,
                "`SObject` is for structs with named fields",
            );
            Vec::new()
        }
        Data::Union(data) => {
            errors.at(
                data.union_token,
                "`SObject` is for structs with named fields",
            );
            Vec::new()
        }
    };
    field::check_together(&fields, &mut errors);
    errors.finish(Sobject {
        container,
        object,
        fields,
    })
}
