//! `when`: from an expression to a condition.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{BinOp, Expr, ExprCall, ExprLit, ExprUnary, Lit, LitStr, UnOp};

use crate::error::Errors;
use crate::literal::{literal, ungroup};
use crate::suggest::unknown;

const FUNCTIONS: [&str; 4] = ["changed", "changed_to", "was", "is"];

/// What is wrong with a condition that is no expression of these parts.
const SHAPE: &str = "expected `changed(\"Field\")`, `changed_to(\"Field\", value)`, \
                     `was(\"Field\", value)` or `is(\"Field\", value)`, combined with `&&`, `||` \
                     and `!`";

/// Returns the condition as a constant expression of `private`'s types.
pub(super) fn condition(expr: &Expr, private: &TokenStream) -> syn::Result<TokenStream> {
    match expr {
        Expr::Paren(inner) => condition(&inner.expr, private),
        Expr::Group(inner) => condition(&inner.expr, private),
        Expr::Unary(ExprUnary { op: UnOp::Not(_), expr, .. }) => {
            let inner = condition(expr, private)?;
            Ok(quote!(#private::Condition::Not(&#inner)))
        }
        Expr::Binary(binary) => match binary.op {
            BinOp::And(_) => combined(expr, &quote!(And), private),
            BinOp::Or(_) => combined(expr, &quote!(Or), private),
            op => Err(syn::Error::new_spanned(op, "conditions are combined with `&&` and `||`")),
        },
        Expr::Call(call) => test(call, private),
        _ => Err(syn::Error::new_spanned(expr, SHAPE)),
    }
}

/// Collects the functions that ask for a change.
pub(super) fn changes<'a>(expr: &'a Expr, found: &mut Vec<&'a Expr>) {
    match expr {
        Expr::Paren(inner) => changes(&inner.expr, found),
        Expr::Group(inner) => changes(&inner.expr, found),
        Expr::Unary(inner) => changes(&inner.expr, found),
        Expr::Binary(binary) => {
            changes(&binary.left, found);
            changes(&binary.right, found);
        }
        Expr::Call(call) => {
            if let Expr::Path(function) = &*call.func
                && (function.path.is_ident("changed") || function.path.is_ident("changed_to"))
            {
                found.push(&call.func);
            }
        }
        _ => {}
    }
}

/// Makes one list of `a && b && c`.
fn combined(expr: &Expr, list: &TokenStream, private: &TokenStream) -> syn::Result<TokenStream> {
    let mut parts = Vec::new();
    flatten(expr, &list.to_string(), &mut parts);
    let mut errors = Errors::default();
    let parts = parts.into_iter();
    let parts = parts.filter_map(|part| errors.keep(condition(part, private)));
    let parts: Vec<_> = parts.collect();
    errors.finish(())?;
    Ok(quote!(#private::Condition::#list(&[#(#parts),*])))
}

fn flatten<'a>(expr: &'a Expr, list: &str, parts: &mut Vec<&'a Expr>) {
    match expr {
        Expr::Binary(binary)
            if matches!((binary.op, list), (BinOp::And(_), "And") | (BinOp::Or(_), "Or")) =>
        {
            flatten(&binary.left, list, parts);
            flatten(&binary.right, list, parts);
        }
        other => parts.push(other),
    }
}

fn test(call: &ExprCall, private: &TokenStream) -> syn::Result<TokenStream> {
    let Expr::Path(function) = &*call.func else {
        return Err(syn::Error::new_spanned(&call.func, SHAPE));
    };
    let name = function.path.get_ident().map(ToString::to_string).unwrap_or_default();
    let variant = match name.as_str() {
        "changed" => quote!(Changed),
        "changed_to" => quote!(ChangedTo),
        "was" => quote!(Was),
        "is" => quote!(Is),
        _ => {
            return Err(syn::Error::new_spanned(function, unknown("condition", &name, &FUNCTIONS)));
        }
    };
    let args: Vec<&Expr> = call.args.iter().collect();
    match (args.as_slice(), name.as_str()) {
        ([field], "changed") => {
            let field = field_name(field)?;
            Ok(quote!(#private::Condition::Changed(#field)))
        }
        ([field, value], "changed_to" | "was" | "is") => {
            let (field, value) = (field_name(field)?, literal(value, private)?);
            Ok(quote!(#private::Condition::#variant(#field, #value)))
        }
        (_, "changed") => Err(syn::Error::new_spanned(call, "`changed` takes a field")),
        _ => Err(syn::Error::new_spanned(call, format!("`{name}` takes a field and a value"))),
    }
}

fn field_name(expr: &Expr) -> syn::Result<&LitStr> {
    match ungroup(expr) {
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) if !name.value().is_empty() => Ok(name),
        _ => Err(syn::Error::new_spanned(expr, "expected a field's name, as in `\"Stage\"`")),
    }
}
