//! The arguments of `soql!`, as written.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, LitStr, Token};

use super::literal::Source;
use crate::error::Errors;

const NEEDED: &str = "`soql!` takes a query in one string literal, then the values of its \
                      variables, as in `soql!(\"SELECT Id FROM Task WHERE WhoId IN :ids\", ids = ctx.ids())`";

/// The arguments as written.
pub(super) struct Args {
    pub(super) source: Source,
    rest: Vec<(Ident, Option<Expr>)>,
}

/// A variable and its value.
pub(super) struct Bind {
    pub(super) name: Ident,
    /// The name as the query writes it.
    pub(super) text: String,
    pub(super) value: TokenStream,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Err(syn::Error::new(proc_macro2::Span::call_site(), NEEDED));
        }
        let query: LitStr = input.parse().map_err(|error| syn::Error::new(error.span(), NEEDED))?;
        let source = Source::new(&query)?;
        let mut rest = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let name = input.call(Ident::parse_any).map_err(|error| {
                let message = "expected the value of a variable, as in `owner = user_id`";
                syn::Error::new(error.span(), message)
            })?;
            let value = match input.parse::<Option<Token![=]>>()? {
                Some(_) => Some(input.parse()?),
                None => None,
            };
            rest.push((name, value));
        }
        Ok(Self { source, rest })
    }
}

impl Args {
    /// Returns the variables; `name` alone stands for `name = name`.
    pub(super) fn binds(&self, errors: &mut Errors) -> Vec<Bind> {
        let mut binds: Vec<Bind> = Vec::new();
        for (name, value) in self.rest.iter().filter(|(name, _)| name != "crate") {
            let text = name.unraw().to_string();
            if binds.iter().any(|bind| bind.text == text) {
                errors.at(name, format!("`{text}` is there twice"));
                continue;
            }
            let value =
                value.as_ref().map_or_else(|| name.to_token_stream(), ToTokens::to_token_stream);
            binds.push(Bind { name: name.clone(), text, value });
        }
        binds
    }

    /// Returns where generated code finds what it names.
    pub(super) fn private(&self, errors: &mut Errors) -> TokenStream {
        let mut given = self.rest.iter().filter(|(name, _)| name == "crate");
        let first = given.next();
        if let Some((second, _)) = given.next() {
            errors.at(second, "`crate` is there twice");
        }
        match first {
            Some((_, Some(Expr::Path(path)))) => {
                let path = &path.path;
                quote!(#path::__private)
            }
            Some((name, _)) => {
                errors.at(name, "expected a path, as in `crate = my::circuit_core`");
                quote!(::circuit_core::__private)
            }
            None => quote!(::circuit_core::__private),
        }
    }
}
