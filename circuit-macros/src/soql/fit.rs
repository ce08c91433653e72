//! Whether the value of a variable can have the type of the field that it is compared with.
//!
//! The macro knows the field, the compiler the value. So the expansion shows the value's kind, in a
//! `format_args!` that is never run, at the place of the variable in the text; the type that is
//! shown, one for each kind of field, can be only where the value fits.

use circuit_soql::ComparedBind;
use circuit_soql::ast::Operator;
use circuit_soql::schema::FieldKind;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::check::Takes;
use super::literal::Source;
use super::mistake::{placeholder, widened};

/// Returns a closure's body that does not compile where the value does not fit.
pub(super) fn looks(
    private: &TokenStream,
    compared: &ComparedBind,
    takes: Takes,
    source: &Source,
) -> Option<TokenStream> {
    let shown_as = format_ident!("{}", wanted(compared)?);
    let find = match takes {
        // A list of patterns is as unknown as any.
        Takes::One | Takes::Any => quote!(one),
        Takes::List => quote!(list),
    };
    let (place, show) = shown(compared, source);
    Some(quote! {
        {
            use #private::fit::by_kind::*;
            let #place = #private::fit::#shown_as((&#private::fit::Probe::of(value)).#find());
            #show
        }
    })
}

/// Returns a variable's name, and what shows it at the place of the bind.
fn shown(compared: &ComparedBind, source: &Source) -> (Ident, TokenStream) {
    let place = source.place(&compared.span.range());
    let literal = source.token.span();
    // The compilers that can, point there themselves.
    let inside = source.token.subspan(widened(source, &place));
    if inside.is_none()
        && let Some((template, name)) = placeholder(source, &place)
    {
        let show = quote_spanned!(literal=> let _ = ::core::format_args!(#template););
        return (name, show);
    }
    let span = inside.unwrap_or(literal);
    let name = format_ident!("x", span = span);
    let show = quote_spanned!(span=> let _ = ::std::string::ToString::to_string(&#name););
    (name, show)
}

/// Returns what shows values that fit; `None` where all do.
fn wanted(compared: &ComparedBind) -> Option<&'static str> {
    if matches!(compared.operator, Operator::Like | Operator::Includes | Operator::Excludes) {
        return Some("ForPattern");
    }
    Some(match compared.kind {
        FieldKind::Boolean => "ForBoolean",
        FieldKind::Integer | FieldKind::Decimal | FieldKind::Currency => "ForNumber",
        FieldKind::Text | FieldKind::Picklist => "ForText",
        FieldKind::MultiPicklist => "ForMultiPicklist",
        FieldKind::Date => "ForDate",
        FieldKind::DateTime => "ForDateTime",
        FieldKind::Time => "ForTime",
        FieldKind::Id | FieldKind::Reference => "ForId",
        _ => return None,
    })
}
