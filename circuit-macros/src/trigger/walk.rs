//! The one walk over the user's function, in place.
//!
//! It changes the tokens it has to and keeps all others with their spans, the braces among them, so
//! that debuggers and coverage tools see the user's lines.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, ExprConst, ExprForLoop, ExprLoop, ExprWhile, FnArg, GenericArgument,
    ImplItemFn, Item, ItemFn, PathArguments, Stmt, Type, TypePath, parse_quote,
};

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

    /// Puts a checkpoint at the start of a block, behind the items that stand there: they have to come
    /// first.
    fn add_checkpoint(&self, block: &mut Block) {
        let private = self.private;
        let items = block.stmts.iter().take_while(|stmt| matches!(stmt, Stmt::Item(_))).count();
        block.stmts.insert(items, parse_quote!(#private::checkpoint();));
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

    /// What is worked out by the compiler is not run.
    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}

    fn visit_item_fn_mut(&mut self, function: &mut ItemFn) {
        visit_mut::visit_item_fn_mut(self, function);
        self.add_checkpoint(&mut function.block);
    }

    fn visit_impl_item_fn_mut(&mut self, method: &mut ImplItemFn) {
        visit_mut::visit_impl_item_fn_mut(self, method);
        self.add_checkpoint(&mut method.block);
    }

    fn visit_expr_loop_mut(&mut self, expr: &mut ExprLoop) {
        visit_mut::visit_expr_loop_mut(self, expr);
        self.add_checkpoint(&mut expr.body);
    }

    fn visit_expr_while_mut(&mut self, expr: &mut ExprWhile) {
        visit_mut::visit_expr_while_mut(self, expr);
        self.add_checkpoint(&mut expr.body);
    }

    fn visit_expr_for_loop_mut(&mut self, expr: &mut ExprForLoop) {
        visit_mut::visit_expr_for_loop_mut(self, expr);
        self.add_checkpoint(&mut expr.body);
    }
}

fn ident(state: impl std::fmt::Debug) -> TokenStream {
    let name = format!("{state:?}");
    syn::parse_str::<syn::Ident>(&name).map_or_else(|_| quote!(Varies), ToTokens::into_token_stream)
}
