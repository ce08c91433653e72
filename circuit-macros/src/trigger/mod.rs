//! `#[trigger]` and `#[triggers]`: parse, validate, expand.

mod args;
mod block;
mod condition;
mod expand;
mod limit;
mod validate;
mod walk;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Attribute, ItemFn};

use crate::error::{Errors, with_errors};
use walk::Walk;

pub(crate) use block::block;

/// What is wrong with a second registration: its events could allow what those of the first forbid.
const ONE_TRIGGER: &str = "a handler has one `#[trigger(..)]`: name all its events there, or call \
                           a shared function from two handlers";

/// Expands `#[trigger(args)]` on a free function; after a mistake the function stays as written.
pub(crate) fn function(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut function = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => function,
        Err(error) => return with_errors(item, &not_a_function(item, error)),
    };
    let mut errors = Errors::default();
    for second in take_attributes(&mut function.attrs) {
        errors.at(second.path(), ONE_TRIGGER);
    }
    let parsed = errors.keep(args::parse(args));
    let private = private(parsed.as_ref().map_or(&[], |args| args.rest.as_slice()));
    let trigger = parsed.and_then(|args| {
        errors.keep(validate::validate(&args, &function.sig, validate::Place::Free))
    });
    match (errors.finish(()), trigger) {
        (Ok(()), Some(trigger)) => expand::function(&trigger, function),
        (Ok(()), None) => quote!(#function),
        (Err(error), _) => {
            Walk::lenient(&private).visit_item_fn_mut(&mut function);
            with_errors(function, &error)
        }
    }
}

/// Says that `item` is no function, or what hinders it from being one.
fn not_a_function(item: &TokenStream, error: syn::Error) -> syn::Error {
    let is_fn = |token| matches!(token, TokenTree::Ident(word) if word == "fn");
    if item.clone().into_iter().any(is_fn) {
        return error;
    }
    syn::Error::new_spanned(item, "`#[trigger]` stands on a function")
}

/// Returns where generated code finds what it names, mistakes aside.
fn private(args: &[args::Arg]) -> TokenStream {
    let krate = validate::krate(args, &mut Errors::default());
    quote!(#krate::__private)
}

/// Takes `#[trigger(..)]` off a function, by whatever path it was written.
fn take_attributes(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    let is_trigger = |attribute: &mut Attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|segment| segment.ident == "trigger")
    };
    attributes.extract_if(.., is_trigger).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(args: TokenStream, item: &TokenStream) -> String {
        prettyplease::unparse(&syn::parse2(function(args, item)).unwrap())
    }

    #[test]
    fn a_handler_keeps_its_body_and_is_registered() {
        let args = quote!(
            "Contact",
            afterUpdate,
            order = -1,
            when = changed("Stage") && !is("Amount", 1.5)
        );
        let item = quote! {
            /// Watches.
            pub async fn watch(ctx: &TriggerContext<'_, Contact>) -> Result<()> {
                fn helper(ctx: &TriggerContext<'_, Contact>) -> usize { ctx.size() }
                ctx.log().info("n").with("n", ctx.size());
                Ok(())
            }
        };
        insta::assert_snapshot!(expanded(args, &item));
    }

    #[test]
    fn after_a_mistake_everything_is_allowed_and_nothing_is_registered() {
        let args = quote!("Contact", afterInsrt);
        let item = quote! {
            fn watch(ctx: &mut TriggerContext<'_>) -> Result<()> { Ok(()) }
        };
        insta::assert_snapshot!(expanded(args, &item));
    }

    #[test]
    fn a_method_is_called_on_its_unit_struct() {
        let item = quote! {
            impl Guards {
                #[cfg(feature = "guards")]
                #[circuit_core::trigger("Contact", beforeInsert, beforeUpdate)]
                fn guard(&self, ctx: &mut TriggerContext<'_, Contact>) -> Result<()> { Ok(()) }
            }
        };
        let expanded = block(quote!(crate = host::engine), item);
        let expanded = prettyplease::unparse(&syn::parse2(expanded).unwrap());
        insta::assert_snapshot!(expanded);
    }
}
