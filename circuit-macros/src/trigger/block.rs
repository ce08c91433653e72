//! `#[triggers]` on the `impl` block of a unit struct.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::visit_mut::VisitMut;
use syn::{Attribute, ImplItem, ImplItemFn, ItemImpl, Meta, PathArguments, Type};

use super::args::{self, Arg, Args, parse_arg};
use super::expand::registration;
use super::validate::{Place, Trigger, validate};
use super::walk::{Walk, excuse};
use super::{ONE_TRIGGER, private, take_attributes};
use crate::error::{Errors, with_errors};
use crate::event::phase;

/// Expands `#[triggers]`; after a mistake the block stays, without the attributes.
pub(crate) fn block(args: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut block) = syn::parse2::<ItemImpl>(item.clone()) else {
        let error = syn::Error::new_spanned(&item, "`#[triggers]` stands on an `impl` block");
        return with_errors(item, &error);
    };
    let mut errors = Errors::default();
    let shared = errors.keep(parse_args.parse2(args)).unwrap_or_default();
    check_block(&block, &mut errors);
    let (mut registrations, mut found) = (Vec::new(), false);
    let unit = block.self_ty.clone();
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        let attributes = take_attributes(&mut method.attrs);
        let Some((attribute, more)) = attributes.split_first() else {
            continue;
        };
        found = true;
        for second in more {
            errors.at(second.path(), ONE_TRIGGER);
        }
        let trigger = errors.keep(read(attribute, method, &shared));
        walk(method, trigger.as_ref(), &private(&shared));
        if let Some(trigger) = trigger {
            let name = &method.sig.ident;
            let callee = quote!(#unit.#name);
            registrations.push(registration(&trigger, &method.attrs, &method.sig, &callee));
        }
    }
    if !found {
        errors.at(&block.self_ty, "the block has no `#[trigger(..)]` method");
    }
    match errors.finish(()) {
        Ok(()) => quote!(#block #(#registrations)*),
        Err(error) => with_errors(block, &error),
    }
}

fn check_block(block: &ItemImpl, errors: &mut Errors) {
    if let Some((path, _)) = &block.trait_ {
        errors.at(path, "trigger methods stand in an `impl` block of the struct itself");
    }
    let arguments = match &*block.self_ty {
        Type::Path(path) => path.path.segments.last().map(|last| &last.arguments),
        _ => None,
    };
    if let Some(param) = block.generics.params.first() {
        errors.at(param, UNIT_STRUCT);
    } else if !matches!(arguments, Some(PathArguments::None)) {
        errors.at(&block.self_ty, UNIT_STRUCT);
    }
}

const UNIT_STRUCT: &str = "trigger methods belong to a unit struct, which has no parameters";

fn walk(method: &mut ImplItemFn, trigger: Option<&Trigger>, private: &TokenStream) {
    let mut walk = match trigger {
        Some(trigger) => Walk::new(&trigger.private, phase(&trigger.events)),
        None => Walk::lenient(private),
    };
    walk.visit_impl_item_fn_mut(method);
    excuse(&mut method.attrs);
}

fn parse_args(input: ParseStream<'_>) -> syn::Result<Vec<Arg>> {
    if input.is_empty() {
        return Ok(Vec::new());
    }
    let arg = parse_arg(input)?;
    if arg.name == "crate" && input.is_empty() {
        return Ok(vec![arg]);
    }
    Err(syn::Error::new(arg.name.span(), "`#[triggers]` takes nothing but `crate = path`"))
}

fn read(attribute: &Attribute, method: &ImplItemFn, shared: &[Arg]) -> syn::Result<Trigger> {
    let mut args: Args = match &attribute.meta {
        Meta::List(list) if !list.tokens.is_empty() => attribute.parse_args()?,
        _ => return Err(syn::Error::new_spanned(attribute.path(), args::NEEDED)),
    };
    if !args.rest.iter().any(|arg| arg.name == "crate") {
        args.rest.extend(shared.iter().cloned());
    }
    validate(&args, &method.sig, Place::Method)
}
