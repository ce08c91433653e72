//! `soql!`: parse, check, expand.

mod args;
mod check;
mod expand;
mod fit;
mod literal;
mod manifest;
mod mistake;
mod schema;
mod select;

use proc_macro2::TokenStream;
use quote::quote;

use crate::error::Errors;
use args::Args;

/// Expands `soql!("SELECT ..", name = value)`; after a mistake the value fits wherever a query does.
pub(crate) fn soql(input: TokenStream) -> TokenStream {
    let args = match syn::parse2::<Args>(input) {
        Ok(args) => args,
        Err(error) => {
            let mistaken = expand::mistaken(&quote!(::circuit_core::__private), &[], &[], None);
            return expand::with_errors(&mistaken, &error);
        }
    };
    let mut errors = Errors::default();
    let binds = args.binds(&mut errors);
    let private = args.private(&mut errors);
    let checked = check::check(&args, &binds, &mut errors);
    match (errors.finish(()), checked) {
        (Ok(()), Ok(checked)) => expand::expand(&private, &checked, &args, &binds),
        (told, checked) => {
            let mistakes = checked.err().unwrap_or_default();
            let tokens = expand::mistaken(&private, &binds, &mistakes, Some(&args.source));
            match told {
                Ok(()) => tokens,
                Err(error) => expand::with_errors(&tokens, &error),
            }
        }
    }
}
