//! The one walk over the user's function, in place.
//!
//! It changes the tokens it has to and keeps all others with their spans, the braces among them, so
//! that debuggers and coverage tools see the user's lines.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Attribute, FnArg, GenericArgument, Item, PathArguments, Type, TypePath, parse_quote};

use crate::event::{New, Old};

/// Takes back the lints that the shape of a handler brings about: it is async, takes `&self` and
/// returns a result whether it needs to or not.
pub(super) fn excuse(attributes: &mut Vec<Attribute>) {
    attributes.push(parse_quote! {
        #[allow(
            clippy::unnecessary_wraps,
            clippy::unused_async,
            clippy::unused_self,
            reason = "the engine calls every handler alike"
        )]
    });
}

/// Walks a handler.
pub(super) struct Walk<'a> {
    private: &'a TokenStream,
    new: New,
    old: Old,
}

impl<'a> Walk<'a> {
    pub(super) fn new(private: &'a TokenStream, (new, old): (New, Old)) -> Self {
        Self { private, new, old }
    }

    /// Walks a handler with a mistake: what its events allow is not known, so nothing is refused.
    pub(super) fn lenient(private: &'a TokenStream) -> Self {
        Self::new(private, (New::Mutable, Old::Present))
    }

    /// Writes the phase into `TriggerContext<'_, T>`; leaves other types and a given phase alone.
    fn add_phase(&self, path: &mut TypePath) {
        let Some(last) = path.path.segments.last_mut() else {
            return;
        };
        if last.ident == "TriggerContext" && last.arguments.is_none() {
            last.arguments = PathArguments::AngleBracketed(parse_quote!(<'_>));
        }
        let PathArguments::AngleBracketed(arguments) = &mut last.arguments else {
            return;
        };
        let types = arguments.args.iter().filter(|a| matches!(a, GenericArgument::Type(_))).count();
        if last.ident != "TriggerContext" || types > 1 {
            return;
        }
        let private = self.private;
        if types == 0 {
            arguments.args.push(parse_quote!(#private::Record));
        }
        let (new, old) = (ident(self.new), ident(self.old));
        arguments.args.push(parse_quote!(#private::Phase<#private::#new, #private::#old>));
    }
}

impl VisitMut for Walk<'_> {
    fn visit_fn_arg_mut(&mut self, argument: &mut FnArg) {
        if let FnArg::Typed(typed) = argument
            && let Type::Reference(reference) = &mut *typed.ty
            && let Type::Path(path) = &mut *reference.elem
        {
            self.add_phase(path);
        }
    }

    /// An item inside the body is not the handler.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

fn ident(state: impl std::fmt::Debug) -> TokenStream {
    let name = format!("{state:?}");
    syn::parse_str::<syn::Ident>(&name).map_or_else(|_| quote!(Varies), ToTokens::into_token_stream)
}
