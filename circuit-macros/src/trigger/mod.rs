//! `#[trigger]` and `#[triggers]`: parse, validate, expand.

mod args;
mod block;
mod condition;
mod expand;
mod validate;
mod walk;

use proc_macro2::TokenStream;
use syn::ItemFn;

use crate::error::with_errors;

pub(crate) use block::block;

/// Expands `#[trigger(args)]` on a free function; after a mistake the function stays as written.
pub(crate) fn function(args: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        let error = syn::Error::new_spanned(&item, "`#[trigger]` stands on a function");
        return with_errors(item, &error);
    };
    let parsed = args::parse(args);
    match parsed.and_then(|args| validate::validate(&args, &function.sig, validate::Place::Free)) {
        Ok(trigger) => expand::function(&trigger, function),
        Err(error) => with_errors(function, &error),
    }
}
