//! What the arguments and the signature mean, and every mistake in them.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, FnArg, Lit, LitStr, PatType, Path, ReturnType, Signature, Type};

use super::args::{Arg, Args};
use super::condition::{changes, condition};
use super::limit;
use crate::error::Errors;
use crate::event::{EVENTS, Event, New};
use crate::literal::{signed, ungroup};
use crate::name::check_object;
use crate::suggest::unknown;

/// A registration without mistakes.
pub(super) struct Trigger {
    pub(super) private: TokenStream,
    pub(super) object: LitStr,
    pub(super) name: String,
    pub(super) events: Vec<Event>,
    pub(super) order: Option<i32>,
    pub(super) when: Option<TokenStream>,
    pub(super) once_per_record: bool,
    pub(super) disabled_by: Option<LitStr>,
    pub(super) required_permission: Option<LitStr>,
    pub(super) bypass_permission: Option<LitStr>,
    /// The variants of `Limit` with the most that the handler may use.
    pub(super) limits: Vec<(&'static str, u64)>,
}

/// Where the function stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    Method,
}

const ARGUMENTS: [&str; 9] = [
    "order",
    "name",
    "when",
    "once_per_record",
    "disabled_by",
    "required_permission",
    "bypass_permission",
    "limits",
    "crate",
];

/// Checks arguments and signature; tells every mistake at once.
pub(super) fn validate(args: &Args, signature: &Signature, place: Place) -> syn::Result<Trigger> {
    let mut errors = Errors::default();
    let krate = krate(&args.rest, &mut errors);
    let mut trigger = Trigger {
        private: quote!(#krate::__private),
        object: args.object.clone(),
        name: signature.ident.unraw().to_string(),
        events: Vec::new(),
        order: None,
        when: None,
        once_per_record: false,
        disabled_by: None,
        required_permission: None,
        bypass_permission: None,
        limits: Vec::new(),
    };
    check_object(&args.object, &mut errors);
    let mut seen: Vec<String> = Vec::new();
    let mut when = None;
    for arg in &args.rest {
        let name = arg.name.to_string();
        if seen.contains(&name) {
            errors.at(&arg.name, format!("`{name}` is there twice"));
            continue;
        }
        seen.push(name);
        if let Some(expr) = trigger.take(arg, &mut errors) {
            when = Some(expr);
        }
    }
    if trigger.events.is_empty() && seen.iter().all(|name| ARGUMENTS.contains(&name.as_str())) {
        errors
            .at(&args.object, format!("at least one event is needed\naccepted: {}", event_names()));
    }
    if let Some(when) = when {
        trigger.when = errors.keep(condition(when, &trigger.private));
        check_when(when, &trigger.events, &mut errors);
    }
    check_signature(signature, place, &mut errors);
    errors.finish(trigger)
}

impl Trigger {
    /// Takes one argument; hands back the expression of `when`, which needs the rest to be known.
    fn take<'a>(&mut self, arg: &'a Arg, errors: &mut Errors) -> Option<&'a Expr> {
        let name = arg.name.to_string();
        match (name.as_str(), &arg.value) {
            ("order", Some(value)) => self.order = errors.keep(integer(value)),
            ("name", Some(value)) => {
                if let Some(text) = errors.keep(text(value)) {
                    self.name = text.value();
                }
            }
            ("disabled_by", Some(value)) => self.disabled_by = errors.keep(text(value)),
            ("required_permission", Some(value)) => {
                self.required_permission = errors.keep(text(value));
            }
            ("bypass_permission", Some(value)) => {
                self.bypass_permission = errors.keep(text(value));
            }
            ("limits", Some(value)) => self.limits = limit::read(value, errors),
            ("when", Some(value)) => return Some(value),
            ("once_per_record", None) => self.once_per_record = true,
            ("crate", Some(_)) => {}
            ("once_per_record", Some(value)) => {
                errors.at(value, "`once_per_record` takes no value");
            }
            (known, None) if ARGUMENTS.contains(&known) => {
                errors.at(&arg.name, format!("`{name}` needs a value, as in `{}`", example(&name)));
            }
            (_, Some(_)) => errors.at(&arg.name, unknown("argument", &name, &ARGUMENTS)),
            (_, None) => self.take_event(&arg.name, &name, errors),
        }
        None
    }

    fn take_event(&mut self, ident: &Ident, name: &str, errors: &mut Errors) {
        if let Some(event) = EVENTS.iter().find(|event| event.name == name) {
            self.events.push(*event);
        } else {
            let known: Vec<&str> = EVENTS.iter().map(|event| event.name).collect();
            errors.at(ident, unknown("trigger event", name, &known));
        }
    }
}

fn example(name: &str) -> &'static str {
    match name {
        "order" => "order = 10",
        "name" => "name = \"score\"",
        "disabled_by" => "disabled_by = \"IMPORT\"",
        "required_permission" => "required_permission = \"Score_Leads\"",
        "bypass_permission" => "bypass_permission = \"Skip_Triggers\"",
        "limits" => "limits(queries = 10)",
        "when" => "when = changed(\"Stage\")",
        _ => "crate = my::circuit_core",
    }
}

fn event_names() -> String {
    EVENTS.map(|event| event.name).join(", ")
}

/// Returns where `circuit_core` is.
pub(super) fn krate(args: &[Arg], errors: &mut Errors) -> TokenStream {
    let given = args.iter().find(|arg| arg.name == "crate").and_then(|arg| arg.value.as_ref());
    match given {
        None => quote!(::circuit_core),
        Some(Expr::Path(path)) => {
            let path: &Path = &path.path;
            quote!(#path)
        }
        Some(other) => {
            errors.at(other, "expected a path, as in `crate = my::circuit_core`");
            quote!(::circuit_core)
        }
    }
}

/// A change needs something to compare with.
fn check_when(when: &Expr, events: &[Event], errors: &mut Errors) {
    let never_changes = events.iter().all(|event| event.new == New::Absent) && !events.is_empty();
    if !never_changes {
        return;
    }
    let mut found = Vec::new();
    changes(when, &mut found);
    for function in found {
        errors.at(function, "nothing changes in delete events; use `is` or `was`");
    }
}

fn integer(value: &Expr) -> syn::Result<i32> {
    let wrong = || syn::Error::new_spanned(value, "expected a whole number of 32 bits, as in `10`");
    let (sign, inner) = signed(value);
    match inner {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            format!("{sign}{}", number.base10_digits()).parse().map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

fn text(value: &Expr) -> syn::Result<LitStr> {
    match ungroup(value) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if !text.value().is_empty() => {
            Ok(text.clone())
        }
        _ => Err(syn::Error::new_spanned(
            value,
            "expected a text that is not empty, as in `\"score\"`",
        )),
    }
}

const ONE_ARGUMENT: &str = "a trigger handler takes one argument, `&TriggerContext<'_, T>` or \
                            `&mut TriggerContext<'_, T>`";

fn check_signature(signature: &Signature, place: Place, errors: &mut Errors) {
    if let syn::Safety::Unsafe(token) = &signature.safety {
        errors.at(token, "a trigger handler cannot be `unsafe`");
    }
    if let Some(token) = &signature.constness {
        errors.at(token, "a trigger handler cannot be `const`");
    }
    if let Some(token) = &signature.abi {
        errors.at(token, "a trigger handler cannot be `extern`");
    }
    let generic = signature
        .generics
        .params
        .iter()
        .find(|param| !matches!(param, syn::GenericParam::Lifetime(_)));
    if let Some(param) = generic {
        errors
            .at(param, "a trigger handler cannot be generic: the engine could not choose the type");
    }
    if matches!(signature.output, ReturnType::Default) {
        errors.at(&signature.ident, "a trigger handler returns `Result<()>`");
    }
    check_receiver(signature, place, errors);
    let typed: Vec<&PatType> = signature.inputs.iter().filter_map(as_typed).collect();
    match typed.as_slice() {
        [context] if matches!(&*context.ty, Type::Reference(_)) => {}
        [context] => errors.at(&context.ty, ONE_ARGUMENT),
        [] => errors.at(&signature.ident, ONE_ARGUMENT),
        [_, more, ..] => errors.at(more, ONE_ARGUMENT),
    }
}

fn check_receiver(signature: &Signature, place: Place, errors: &mut Errors) {
    let receiver = signature.inputs.iter().find_map(|input| match input {
        FnArg::Receiver(receiver) => Some(receiver),
        FnArg::Typed(_) => None,
    });
    match (receiver, place) {
        (Some(receiver), Place::Free) => {
            errors.span(
                receiver.self_token.span,
                "a trigger method needs `#[triggers]` on its `impl` block",
            );
        }
        (None, Place::Method) => {
            errors.at(&signature.ident, "a trigger method takes `&self` first");
        }
        (Some(receiver), Place::Method) if receiver.to_token_stream().to_string() != "& self" => {
            errors.at(receiver, "a trigger method takes `&self`: one unit struct serves all calls");
        }
        _ => {}
    }
}

pub(super) fn as_typed(input: &FnArg) -> Option<&PatType> {
    match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    }
}
