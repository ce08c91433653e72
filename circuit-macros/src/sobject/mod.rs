//! `#[derive(SObject)]` and `#[derive(AggregateRow)]`: parse, validate, expand.

mod attr;
mod expand;
mod field;
mod row;

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::error::{Errors, with_errors};
use attr::Container;
use field::Field;

/// What a struct stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Derived {
    Record,
    Row,
}

impl Derived {
    /// Returns the name of the derive.
    fn name(self) -> &'static str {
        match self {
            Self::Record => "SObject",
            Self::Row => "AggregateRow",
        }
    }
}

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
    let object = object(&input, &container, &mut errors);
    match validate(&input, object, container, Derived::Record, errors) {
        Ok(sobject) => expand::expand(&sobject, &input),
        Err(error) => with_errors(expand::fallback(&krate, &input), &error),
    }
}

/// Expands the derive for rows of groups; after a mistake the struct is a type of rows all the same.
pub(crate) fn derive_row(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let container = Container::read(&input.attrs, &mut errors);
    let krate = container.krate.clone();
    if let Some(object) = &container.object {
        errors.at(object, "a row of groups is of no object: leave the name out");
    }
    let object = LitStr::new("", input.ident.span());
    match validate(&input, object, container, Derived::Row, errors) {
        Ok(sobject) => row::expand(&sobject, &input.ident),
        Err(error) => with_errors(row::fallback(&krate, &input), &error),
    }
}

/// Returns the name of the object.
fn object(input: &DeriveInput, container: &Container, errors: &mut Errors) -> LitStr {
    match &container.object {
        Some(object) if object.value().eq_ignore_ascii_case("AggregateResult") => {
            errors.at(
                object,
                "the rows of a query with groups are no records: write `#[derive(AggregateRow)]` \
                 in the place of `#[derive(SObject)]`, and leave the name out",
            );
            object.clone()
        }
        Some(object) => object.clone(),
        None => {
            errors.at(&input.ident, "the object's name is missing: add `#[sobject(\"Contact\")]`");
            LitStr::new("", input.ident.span())
        }
    }
}

fn validate(
    input: &DeriveInput,
    object: LitStr,
    container: Container,
    derived: Derived,
    mut errors: Errors,
) -> syn::Result<Sobject> {
    let name = derived.name();
    if let Some(param) = input.generics.params.first() {
        errors.at(param, format!("`{name}` structs cannot be generic"));
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => {
                named.named.iter().map(|f| Field::read(f, derived, &mut errors)).collect()
            }
            other => {
                let tokens: &dyn quote::ToTokens =
                    if other.is_empty() { &input.ident } else { other };
                errors.at(tokens, format!("`{name}` structs have named fields"));
                Vec::new()
            }
        },
        Data::Enum(data) => {
            errors.at(data.enum_token, format!("`{name}` is for structs with named fields"));
            Vec::new()
        }
        Data::Union(data) => {
            errors.at(data.union_token, format!("`{name}` is for structs with named fields"));
            Vec::new()
        }
    };
    field::check_together(&fields, derived, &mut errors);
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
    fn a_row_is_read_by_index() {
        let tokens = derive_row(quote! {
            pub struct ByStage {
                pub stage_name: Option<String>,
                #[sobject("expr0")]
                pub count: i64,
                #[sobject(flatten)]
                pub other: FieldMap,
            }
        });
        insta::assert_snapshot!(prettyplease::unparse(&syn::parse2(tokens).unwrap()));
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
