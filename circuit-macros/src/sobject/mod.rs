//! `#[derive(SObject)]`: parse, validate, expand.

mod attr;
mod expand;
mod field;

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::error::{Errors, with_errors};
use attr::Container;
use field::Field;

/// A struct without mistakes.
struct Sobject {
    container: Container,
    object: LitStr,
    fields: Vec<Field>,
}

/// Expands the derive; after a mistake the struct is a record type all the same.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let container = Container::read(&input.attrs, &mut errors);
    let krate = container.krate.clone();
    match validate(&input, container, errors) {
        Ok(sobject) => expand::expand(&sobject, &input),
        Err(error) => with_errors(expand::fallback(&krate, &input), &error),
    }
}

fn validate(input: &DeriveInput, container: Container, mut errors: Errors) -> syn::Result<Sobject> {
    let object = container.object.clone().unwrap_or_else(|| {
        errors.at(&input.ident, "the object's name is missing: add `#[sobject(\"Contact\")]`");
        LitStr::new("", input.ident.span())
    });
    if let Some(param) = input.generics.params.first() {
        errors.at(param, "`SObject` structs cannot be generic");
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => {
                named.named.iter().map(|f| Field::read(f, &mut errors)).collect()
            }
            other => {
                let tokens: &dyn quote::ToTokens =
                    if other.is_empty() { &input.ident } else { other };
                errors.at(tokens, "`SObject` structs have named fields");
                Vec::new()
            }
        },
        Data::Enum(data) => {
            errors.at(data.enum_token, "`SObject` is for structs with named fields");
            Vec::new()
        }
        Data::Union(data) => {
            errors.at(data.union_token, "`SObject` is for structs with named fields");
            Vec::new()
        }
    };
    field::check_together(&fields, &mut errors);
    errors.finish(Sobject { container, object, fields })
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn expanded(input: TokenStream) -> String {
        prettyplease::unparse(&syn::parse2(derive(input)).unwrap())
    }

    #[test]
    fn a_struct_is_read_and_written_by_index() {
        insta::assert_snapshot!(expanded(quote! {
            #[sobject("Contact")]
            pub struct Contact {
                pub id: Option<RecordId>,
                #[sobject(required, length = 80, picklist = ["A", "B"], restricted, default = "A")]
                pub lead_source: Option<String>,
                #[sobject("vlpr_score__c", default = 1.5)]
                pub score: Option<Decimal>,
                #[sobject(reference = "Account", on_delete = cascade)]
                pub account_id: Option<RecordId>,
                #[sobject(skip)]
                pub cached: bool,
                #[sobject(flatten)]
                pub other: FieldMap,
            }
        }));
    }

    #[test]
    fn after_a_mistake_the_struct_is_still_a_record_type() {
        insta::assert_snapshot!(expanded(quote! {
            #[sobject("Contact")]
            struct Contact {
                #[sobject(uniqe)]
                email: Option<String>,
            }
        }));
    }
}
