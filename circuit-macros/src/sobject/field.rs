//! `#[sobject(..)]` on a field.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, LitInt, LitStr, Token, Type, bracketed};

use super::Derived;
use super::attr::{NAME, Part, parts};
use super::expand::constant_name;
use crate::error::Errors;
use crate::literal::literal;
use crate::suggest::unknown;

/// What a field is in the record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Field,
    /// A parent or children, which a query finds beside the record.
    Related,
    Flatten,
    Skip,
}

/// One field of the struct.
pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) role: Role,
    pub(super) name: LitStr,
    pub(super) schema: Schema,
}

/// What the schema says of a field.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one word of the attribute")]
pub(super) struct Schema {
    pub(super) required: bool,
    pub(super) unique: bool,
    pub(super) external_id: bool,
    pub(super) restricted: bool,
    pub(super) length: Option<LitInt>,
    pub(super) picklist: Vec<LitStr>,
    pub(super) reference: Option<LitStr>,
    pub(super) on_delete: Option<Ident>,
    pub(super) default: Option<Expr>,
}

/// What a field of a row takes beside a name: a row is never written, and has no schema.
const OF_ROWS: [&str; 2] = ["flatten", "skip"];

const ATTRIBUTES: [&str; 12] = [
    "required",
    "unique",
    "external_id",
    "length",
    "picklist",
    "restricted",
    "reference",
    "on_delete",
    "default",
    "related",
    "flatten",
    "skip",
];

impl Field {
    pub(super) fn read(field: &syn::Field, derived: Derived, errors: &mut Errors) -> Self {
        let ident = field.ident.clone().unwrap_or_else(|| Ident::new("_field", Span::call_site()));
        let name = LitStr::new(&camel_case(&ident.to_string()), ident.span());
        let mut read = Self {
            ident,
            ty: field.ty.clone(),
            role: Role::Field,
            name,
            schema: Schema::default(),
        };
        let mut seen: Vec<(String, Span)> = Vec::new();
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("sobject")) {
            errors.keep(attribute.parse_args_with(|input: ParseStream<'_>| {
                parts(input, |part| read.take(part, derived, &mut seen))
            }));
        }
        if read.role == Role::Field && read.name.value().eq_ignore_ascii_case("id") {
            (read.role, read.name) = (Role::Id, LitStr::new("Id", read.name.span()));
        }
        read.check(&seen, errors);
        read
    }

    fn take(
        &mut self,
        part: Part<'_>,
        derived: Derived,
        seen: &mut Vec<(String, Span)>,
    ) -> syn::Result<()> {
        let (word, span) = part.word();
        if seen.iter().any(|(other, _)| *other == word) {
            let message = match part {
                Part::Name(_) => "the field is named twice".to_owned(),
                Part::Meta(_) => format!("`{word}` is there twice"),
            };
            return Err(syn::Error::new(span, message));
        }
        seen.push((word.clone(), span));
        let meta = match part {
            Part::Name(name) if name.value().is_empty() => {
                return Err(syn::Error::new_spanned(name, "the field's name is empty"));
            }
            Part::Name(name) => {
                self.name = name;
                return Ok(());
            }
            Part::Meta(meta) => meta,
        };
        if derived == Derived::Row && !OF_ROWS.contains(&word.as_str()) {
            return Err(meta.error(if ATTRIBUTES.contains(&word.as_str()) {
                format!(
                    "`{word}` is for records; a column takes its name, as in \
                     `#[sobject(\"expr0\")]`, `flatten` or `skip`"
                )
            } else {
                unknown("attribute", &word, &OF_ROWS)
            }));
        }
        let schema = &mut self.schema;
        match word.as_str() {
            "flatten" => self.role = Role::Flatten,
            "skip" => self.role = Role::Skip,
            "related" => self.role = Role::Related,
            "required" => schema.required = true,
            "unique" => schema.unique = true,
            "external_id" => schema.external_id = true,
            "restricted" => schema.restricted = true,
            "length" => schema.length = Some(length(meta.value()?)?),
            "reference" => schema.reference = Some(meta.value()?.parse()?),
            "default" => schema.default = Some(default(meta.value()?)?),
            "on_delete" => schema.on_delete = Some(on_delete(meta.value()?)?),
            "picklist" => schema.picklist = texts(meta.value()?)?,
            _ => return Err(meta.error(unknown("attribute", &word, &ATTRIBUTES))),
        }
        Ok(())
    }

    /// Tells words that are a mistake beside each other, each at the word.
    fn check(&self, seen: &[(String, Span)], errors: &mut Errors) {
        let kind = match self.role {
            Role::Flatten => "a flattened field",
            Role::Skip => "a skipped field",
            Role::Related => "a parent or children",
            Role::Id => "the id",
            Role::Field => "",
        };
        for (word, span) in seen {
            match (self.role, word.as_str()) {
                (Role::Flatten, "flatten")
                | (Role::Skip, "skip")
                | (Role::Related, "related" | NAME) => {}
                (Role::Flatten | Role::Skip, "flatten" | "skip") => {
                    errors.span(*span, "a field is either flattened or skipped");
                }
                (Role::Flatten | Role::Skip, NAME) => {
                    errors.span(*span, format!("{kind} has no name in the record"));
                }
                (Role::Flatten | Role::Skip, _) => {
                    errors.span(*span, format!("{kind} cannot be `{word}`"));
                }
                (Role::Related, _) => errors.span(*span, format!("{kind} cannot be `{word}`")),
                (Role::Id, word) if word != NAME => {
                    errors.span(*span, format!("{kind} cannot be `{word}`"));
                }
                (Role::Field, "restricted") if self.schema.picklist.is_empty() => {
                    errors.span(*span, "`restricted` needs a `picklist`");
                }
                (Role::Field, "on_delete") if self.schema.reference.is_none() => {
                    errors.span(*span, "`on_delete` needs a `reference`");
                }
                _ => {}
            }
        }
    }
}

fn default(input: ParseStream<'_>) -> syn::Result<Expr> {
    let value: Expr = input.parse()?;
    literal(&value, &TokenStream::new())?;
    Ok(value)
}

fn length(input: ParseStream<'_>) -> syn::Result<LitInt> {
    let number: LitInt = input.parse()?;
    match number.base10_parse::<usize>() {
        Ok(1..) if number.suffix().is_empty() => Ok(number),
        _ => Err(syn::Error::new_spanned(
            number,
            "expected a number of characters from 1, as in `80`",
        )),
    }
}

fn on_delete(input: ParseStream<'_>) -> syn::Result<Ident> {
    let word: Ident = input.parse()?;
    let known = ["cascade", "restrict", "clear"];
    if known.iter().any(|name| word == name) {
        Ok(word)
    } else {
        Err(syn::Error::new(word.span(), unknown("rule", &word.to_string(), &known)))
    }
}

fn texts(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let content;
    let list = bracketed!(content in input);
    let values = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
    if values.is_empty() {
        return Err(syn::Error::new(list.span.join(), "a picklist has at least one value"));
    }
    Ok(values.into_iter().collect())
}

/// Tells fields that only together are a mistake.
pub(super) fn check_together(fields: &[Field], derived: Derived, errors: &mut Errors) {
    let mut flattened = fields.iter().filter(|field| field.role == Role::Flatten);
    if let (Some(_), Some(second)) = (flattened.next(), flattened.next()) {
        errors.at(&second.ident, "a struct has one flattened field at most");
    }
    let named: Vec<&Field> =
        fields.iter().filter(|f| matches!(f.role, Role::Field | Role::Id)).collect();
    for (i, field) in named.iter().enumerate() {
        let name = field.name.value();
        if derived == Derived::Record && constant_name(&field.ident) == "OBJECT_NAME" {
            errors.at(
                &field.ident,
                "the constant `OBJECT_NAME` is the object's: call the field otherwise and name \
                 it in the attribute, as in `#[sobject(\"objectName\")]`",
            );
        }
        if let Some(other) = named[..i].iter().find(|f| f.name.value().eq_ignore_ascii_case(&name))
        {
            let message = format!(
                "`{}` is called `{name}` too; names match without regard to case",
                other.ident
            );
            errors.span(field.name.span(), message);
        }
    }
}

/// `company_name` is `companyName`; a raw identifier loses its lead.
fn camel_case(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    let mut parts = name.split('_').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut all, part| {
        let mut chars = part.chars();
        all.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        all.push_str(chars.as_str());
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_lower_camel_case() {
        assert_eq!(camel_case("company_name"), "companyName");
        assert_eq!(camel_case("email"), "email");
        assert_eq!(camel_case("r#type"), "type");
        assert_eq!(camel_case("_line_2"), "line2");
    }
}
