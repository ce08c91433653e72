//! The arguments of `#[trigger]`, as written.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, LitStr, Token};

/// The arguments as written; [`validate`](super::validate) says what they mean.
pub(super) struct Args {
    pub(super) object: LitStr,
    pub(super) rest: Vec<Arg>,
}

/// `name`, `name = value` or `name(values)`.
#[derive(Clone)]
pub(super) struct Arg {
    pub(super) name: Ident,
    pub(super) value: Option<Expr>,
}

/// What is wrong where there are no arguments.
pub(super) const NEEDED: &str = "`#[trigger]` takes the object and at least one event, as in \
                                 `#[trigger(\"Contact\", afterInsert)]`";

/// Reads the arguments.
pub(super) fn parse(args: TokenStream) -> syn::Result<Args> {
    if args.is_empty() {
        return Err(syn::Error::new(proc_macro2::Span::call_site(), NEEDED));
    }
    Args::parse.parse2(args)
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let object = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "the first argument is the object, as in `\"Contact\"`")
        })?;
        Ok(Self { object, rest: parse_rest(input)? })
    }
}

/// Reads `, name`, `, name = value` and a comma at the end.
pub(super) fn parse_rest(input: ParseStream<'_>) -> syn::Result<Vec<Arg>> {
    let mut rest = Vec::new();
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if !input.is_empty() {
            rest.push(parse_arg(input)?);
        }
    }
    Ok(rest)
}

/// Reads `name` or `name = value`; `crate` and other keywords are names here.
pub(super) fn parse_arg(input: ParseStream<'_>) -> syn::Result<Arg> {
    let name = input.call(Ident::parse_any).map_err(|error| {
        syn::Error::new(error.span(), "expected an event, as in `afterInsert`, or `name = value`")
    })?;
    let value = if input.peek(syn::token::Paren) {
        // `limits(queries = 10)` is read as the call that it looks like.
        let values;
        syn::parenthesized!(values in input);
        let values = Punctuated::<Expr, Token![,]>::parse_terminated(&values)?;
        let elems = values.into_iter();
        Some(syn::parse_quote!((#(#elems,)*)))
    } else if input.parse::<Option<Token![=]>>()?.is_some() {
        Some(input.parse()?)
    } else {
        None
    };
    Ok(Arg { name, value })
}
