//! Mistakes inside the string literal, told at the very characters.
//!
//! A stable compiler gives a macro no span inside a literal. But it points into the string of
//! `format_args!` where it tells of a placeholder whose type cannot be shown. So a mistake becomes
//! a raw string with the span of the query, blank but for a placeholder as long as the token at
//! fault and in its place, and a type that cannot be shown for the reason that is the message.
//! Where the compiler would not place it right, the message carries the line of the query with
//! carets instead.

use std::ops::Range;

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::literal::Source;

/// A mistake in a query.
pub(super) struct Mistake {
    /// What is wrong, the suggestion included.
    pub(super) message: String,
    /// What is wrong, with the line of the query.
    pub(super) rendered: String,
    /// What stands beside the carets.
    pub(super) label: String,
    /// Where, in the value of the literal.
    pub(super) span: Range<usize>,
}

impl Mistake {
    pub(super) fn new(
        message: String,
        suggestion: Option<String>,
        text: &str,
        span: Range<usize>,
    ) -> Self {
        let label = suggestion.map_or(String::new(), |name| format!("did you mean `{name}`?"));
        let message = if label.is_empty() { message } else { format!("{message}; {label}") };
        let (line, carets) = lines(text, &span);
        let rendered = format!("{message}\n  | {line}\n  | {carets}");
        Self { message, rendered, label, span }
    }

    /// Returns items that make the compiler tell the mistake.
    pub(super) fn told(&self, source: &Source) -> TokenStream {
        let place = source.place(&self.span);
        // The compilers that can, point there themselves.
        if let Some(span) = source.token.subspan(widened(source, &place)) {
            let message = &self.message;
            return quote_spanned!(span=> ::core::compile_error! { #message });
        }
        if let Some((template, name)) = placeholder(source, &place) {
            return self.placed(&template, &name, source.token.span());
        }
        let message = &self.rendered;
        quote_spanned!(source.token.span()=> ::core::compile_error! { #message })
    }

    fn placed(&self, template: &Literal, name: &Ident, at: Span) -> TokenStream {
        let (message, label) = (escaped(&self.message), escaped(&self.label));
        // Everything stands at the literal, so that what the compiler adds points there too.
        spanned(
            quote! {
                const _: () = {
                    #[diagnostic::on_unimplemented(message = #message, label = #label)]
                    trait Soql {}
                    struct Checked<Query>(Query);
                    impl<Query: Soql> ::core::fmt::Display for Checked<Query> {
                        fn fmt(
                            &self,
                            _: &mut ::core::fmt::Formatter<'_>,
                        ) -> ::core::fmt::Result {
                            ::core::result::Result::Ok(())
                        }
                    }
                    fn check(#name: Checked<()>) {
                        let _ = ::core::format_args!(#template);
                    }
                };
            },
            at,
        )
    }
}

/// Returns the line of the text with the place, and carets under it.
fn lines(text: &str, span: &Range<usize>) -> (String, String) {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.start..].find('\n').map_or(text.len(), |at| span.start + at);
    let lead = text[start..span.start].chars().count();
    let width = text[span.start..span.end.min(end)].chars().count().max(1);
    (text[start..end].to_owned(), format!("{}{}", " ".repeat(lead), "^".repeat(width)))
}

/// The message is a template itself.
fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// The shortest placeholder, `{x}`.
const SHORTEST: usize = 3;
/// What stands before the first character of the template, `r"`.
const LEAD: usize = 2;

/// Returns a template with a placeholder at this place of the literal's text, and its name.
///
/// `None` where the place cannot be met: before the template's own start, or where the span is not
/// that of the literal in the user's file.
pub(super) fn placeholder(source: &Source, place: &Range<usize>) -> Option<(Literal, Ident)> {
    if source.token.span().source_text().as_deref() != Some(source.text.as_str()) {
        return None;
    }
    let place = widened(source, place);
    let start = place.start.checked_sub(LEAD)?;
    let name = "x".repeat(place.len() - 2);
    let template = format!("r\"{}{{{name}}}\"", " ".repeat(start));
    let mut template: Literal = template.parse().ok()?;
    template.set_span(source.token.span());
    Some((template, Ident::new(&name, source.token.span())))
}

/// Returns a place that a placeholder fits, whole characters of the literal's text.
pub(super) fn widened(source: &Source, place: &Range<usize>) -> Range<usize> {
    let text = &source.text;
    let mut end = place.end.max(place.start + SHORTEST).min(text.len());
    let mut start = place.start.min(end.saturating_sub(SHORTEST));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Returns the tokens at a place; the compiler tells their names as the user's.
fn spanned(tokens: TokenStream, at: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|token| {
        let mut token = match token {
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), spanned(group.stream(), at)).into()
            }
            other => other,
        };
        token.set_span(at);
        token
    });
    moved.collect()
}
