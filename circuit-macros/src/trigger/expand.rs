//! From a registration without mistakes to tokens.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Attribute, GenericArgument, ItemFn, PathArguments, ReturnType, Signature, Type};

use super::validate::{Trigger, as_typed};
use super::walk::{Walk, excuse};
use crate::event::phase;

/// Returns the function, walked, and its registration.
pub(super) fn function(trigger: &Trigger, mut function: ItemFn) -> TokenStream {
    Walk::new(&trigger.private, phase(&trigger.events)).visit_item_fn_mut(&mut function);
    excuse(&mut function.attrs);
    let name = &function.sig.ident;
    let registration = registration(trigger, &function.attrs, &function.sig, &quote!(#name));
    quote!(#function #registration)
}

/// Returns the item that registers a walked function; `callee` is how it is called.
pub(super) fn registration(
    trigger: &Trigger,
    attributes: &[Attribute],
    signature: &Signature,
    callee: &TokenStream,
) -> TokenStream {
    // Where the compiler leaves the function out, there is nothing to register.
    let conditions = attributes.iter().filter(|a| a.path().is_ident("cfg"));
    let Trigger { private, object, name, once_per_record, .. } = trigger;
    let handler = handler(private, signature, callee);
    let events = trigger.events.iter().map(|event| {
        let variant = format_ident!("{}", event.variant);
        quote!(#private::TriggerEvent::#variant)
    });
    let order = option(private, trigger.order.as_ref());
    let when = option(private, trigger.when.as_ref().map(|when| quote!(&#when)).as_ref());
    let disabled_by = option(private, trigger.disabled_by.as_ref());
    let required_permission = option(private, trigger.required_permission.as_ref());
    let bypass_permission = option(private, trigger.bypass_permission.as_ref());
    let limits = trigger.limits.iter().map(|(variant, most)| {
        let variant = format_ident!("{variant}");
        quote!((#private::Limit::#variant, #most))
    });
    let line = quote_spanned!(signature.ident.span()=> ::core::line!());
    quote! {
        #(#conditions)*
        const _: () = {
            #handler
            static __CIRCUIT_REGISTRATION: #private::Declaration = #private::Declaration {
                name: #name,
                object: #object,
                events: &[#(#events),*],
                order: #order,
                when: #when,
                once_per_record: #once_per_record,
                disabled_by: #disabled_by,
                required_permission: #required_permission,
                bypass_permission: #bypass_permission,
                limits: &[#(#limits),*],
                source: #private::Source {
                    package: ::core::env!("CARGO_PKG_NAME"),
                    module: ::core::module_path!(),
                    file: ::core::file!(),
                    line: #line,
                },
                handler: __circuit_handler,
            };
            #private::inventory::submit! { #private::Submitted(&__CIRCUIT_REGISTRATION) }
        };
    }
}

/// Returns the function that the engine calls: it gives the context its type and the call its end.
///
/// Its name is one that no user takes: the call inside must find the user's function.
fn handler(private: &TokenStream, signature: &Signature, callee: &TokenStream) -> TokenStream {
    let context = signature.inputs.iter().find_map(as_typed).map(|typed| &*typed.ty);
    let Some(Type::Reference(reference)) = context else {
        return TokenStream::new();
    };
    let mutability = &reference.mutability;
    let binding = mutability.map(|_| quote!(mut));
    let wait = signature.asyncness.map(|_| quote!(.await));
    let [invocation, context, result] = ["invocation", "context", "result"].map(local);
    let typed = at(record_type(&reference.elem).span(), quote!(#private::context(#invocation)));
    let passed = at(reference.elem.span(), quote!(&#mutability #context));
    let ended = at(returned(signature), quote!(#private::finish(#context, #result)));
    quote! {
        fn __circuit_handler(#invocation: #private::Invocation<'_>) -> #private::HandlerFuture<'_> {
            #private::Box::pin(async move {
                let #binding #context = #typed;
                let #result = #callee(#passed) #wait;
                #ended
            })
        }
    }
}

/// Returns the name of a variable that does not hide a function of the user's.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// Returns the tokens at a place of the user's, so that the compiler underlines their code.
fn at(span: Span, tokens: TokenStream) -> TokenStream {
    let moved = tokens.into_iter().map(|token| {
        let mut token = match token {
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), at(span, group.stream())).into()
            }
            other => other,
        };
        token.set_span(span.resolved_at(token.span()));
        token
    });
    moved.collect()
}

/// Returns where the user wrote the type of the result.
fn returned(signature: &Signature) -> Span {
    match &signature.output {
        ReturnType::Type(_, output) => output.span(),
        ReturnType::Default => signature.ident.span(),
    }
}

/// Returns the `T` of `TriggerContext<'_, T, P>`, or the whole type where there is none.
fn record_type(context: &Type) -> &dyn quote::ToTokens {
    let Type::Path(path) = context else {
        return context;
    };
    let arguments = path.path.segments.last().map(|last| &last.arguments);
    let Some(PathArguments::AngleBracketed(arguments)) = arguments else {
        return context;
    };
    let types = |argument: &&GenericArgument| matches!(argument, GenericArgument::Type(_));
    arguments.args.iter().find(types).map_or(context, |argument| argument)
}

fn option<T: quote::ToTokens>(private: &TokenStream, value: Option<&T>) -> TokenStream {
    value.map_or_else(|| quote!(#private::None), |value| quote!(#private::Some(#value)))
}
