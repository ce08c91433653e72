//! `#[triggers]` on the `impl` block of a unit struct.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::visit_mut::VisitMut;
use syn::{Attribute, ImplItem, ImplItemFn, ItemImpl, Meta};

use super::args::{self, Arg, parse_arg};
use super::expand::registration;
use super::validate::{Place, Trigger, validate};
use super::walk::Walk;
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
    if let Some((path, _)) = &block.trait_ {
        errors.at(
            path,
            "trigger methods stand in an `impl` block of the struct itself",
        );
    }
    let mut registrations = Vec::new();
    let mut found = false;
    let unit = block.self_ty.clone();
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        let Some(attribute) = take_attribute(method) else {
            continue;
        };
        found = true;
        if let Some(trigger) = errors.keep(read(&attribute, method, &shared)) {
            let mut walk = Walk::new(&trigger.private, phase(&trigger.events));
            walk.visit_signature_mut(&mut method.sig);
            walk.visit_block_mut(&mut method.block);
            let name = &method.sig.ident;
            registrations.push(registration(&trigger, &method.sig, &quote!(#unit.#name)));
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

fn parse_args(input: ParseStream<'_>) -> syn::Result<Vec<Arg>> {
    if input.is_empty() {
        return Ok(Vec::new());
    }
    let arg = parse_arg(input)?;
    if arg.name == "crate" && input.is_empty() {
        return Ok(vec![arg]);
    }
    Err(syn::Error::new(
        arg.name.span(),
        "`#[triggers]` takes nothing but `crate = path`",
    ))
}

/// Takes `#[trigger(..)]` off a method, by whatever path it was written.
fn take_attribute(method: &mut ImplItemFn) -> Option<Attribute> {
    let is_trigger = |attribute: &Attribute| {
        attribute
            .path()
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "trigger")
    };
    let at = method.attrs.iter().position(is_trigger)?;
    Some(method.attrs.remove(at))
}

fn read(attribute: &Attribute, method: &ImplItemFn, shared: &[Arg]) -> syn::Result<Trigger> {
    let tokens = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let mut args = args::parse(tokens).map_err(|error| syn::Error::new(error.span(), error))?;
    if !args.rest.iter().any(|arg| arg.name == "crate") {
        args.rest.extend(shared.iter().cloned());
    }
    validate(&args, &method.sig, Place::Method)
}
