//! Values written into attributes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitFloat, UnOp};

const VALUE: &str = "expected a value: text, a number, `true`, `false` or `null`";

/// The digits that every exact decimal has room for.
const DIGITS: usize = 28;

/// Returns the value as a constant of `private`'s type.
pub(crate) fn literal(expr: &Expr, private: &TokenStream) -> syn::Result<TokenStream> {
    let wrong = |message| Err(syn::Error::new_spanned(expr, message));
    let (sign, inner) = signed(expr);
    let lit = match inner {
        Expr::Path(path) if path.path.is_ident("null") || path.path.is_ident("None") => {
            return Ok(quote!(#private::Literal::Null));
        }
        Expr::Lit(ExprLit { lit, .. }) => lit,
        _ => return wrong(VALUE),
    };
    match lit {
        Lit::Str(text) if sign.is_empty() => Ok(quote!(#private::Literal::Text(#text))),
        Lit::Bool(value) if sign.is_empty() => Ok(quote!(#private::Literal::Boolean(#value))),
        Lit::Int(value) => match format!("{sign}{}", value.base10_digits()).parse::<i64>() {
            Ok(number) => Ok(quote!(#private::Literal::Integer(#number))),
            Err(_) => wrong("the number does not fit an integer field"),
        },
        Lit::Float(value) => match decimal(value) {
            Some(digits) => {
                let digits = format!("{sign}{digits}");
                Ok(quote!(#private::Literal::Decimal(#digits)))
            }
            None => wrong("a decimal number has at most 28 digits and no exponent"),
        },
        _ => wrong(VALUE),
    }
}

/// Returns the digits as written, if a decimal holds them exactly.
fn decimal(value: &LitFloat) -> Option<&str> {
    let digits = value.base10_digits();
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (plain && digits.bytes().filter(u8::is_ascii_digit).count() <= DIGITS)
        .then(|| digits.trim_end_matches('.'))
}

/// Splits a minus off.
pub(crate) fn signed(expr: &Expr) -> (&'static str, &Expr) {
    match ungroup(expr) {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => ("-", ungroup(expr)),
        other => ("", other),
    }
}

/// Takes off what `macro_rules!` puts around its variables.
pub(crate) fn ungroup(mut expr: &Expr) -> &Expr {
    while let Expr::Group(group) = expr {
        expr = &group.expr;
    }
    expr
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn shown(expr: &Expr) -> String {
        match literal(expr, &quote!(P)) {
            Ok(tokens) => tokens.to_string().replace(' ', ""),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn numbers_keep_their_sign_and_digits() {
        assert_eq!(shown(&parse_quote!(-5)), "P::Literal::Integer(-5i64)");
        assert_eq!(
            shown(&parse_quote!(-9223372036854775808)),
            "P::Literal::Integer(-9223372036854775808i64)"
        );
        assert_eq!(shown(&parse_quote!(1.50)), "P::Literal::Decimal(\"1.50\")");
        assert_eq!(shown(&parse_quote!(2.)), "P::Literal::Decimal(\"2\")");
    }

    #[test]
    fn what_a_decimal_cannot_hold_is_a_mistake() {
        let message = "a decimal number has at most 28 digits and no exponent";
        assert_eq!(shown(&parse_quote!(1e3)), message);
        assert_eq!(shown(&parse_quote!(0.12345678901234567890123456789)), message);
        assert_eq!(shown(&parse_quote!(stage())), VALUE);
    }
}
