//! From a struct for rows of groups to tokens.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::DeriveInput;

use super::Sobject;
use super::expand::{fields, layout, read};

/// Returns the trait's implementation.
pub(super) fn expand(sobject: &Sobject, name: &Ident) -> TokenStream {
    let krate = &sobject.container.krate;
    let private = quote!(#krate::__private);
    let (layout, fields, read) = (layout(sobject, name), fields(sobject), read(sobject));
    quote! {
        #[automatically_derived]
        impl #krate::AggregateRow for #name {
            const COLUMNS: #private::Option<&'static #private::StructFields> =
                #private::Some(&#layout);

            #fields
            #read
        }
    }
}

/// Returns an implementation that only stands in for the one a mistake hinders.
pub(super) fn fallback(krate: &TokenStream, input: &DeriveInput) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let (name, private) = (&input.ident, quote!(#krate::__private));
    quote! {
        #[automatically_derived]
        impl #krate::AggregateRow for #name {
            const COLUMNS: #private::Option<&'static #private::StructFields> = #private::None;

            fn fields() -> &'static [#private::FieldSpec] {
                &[]
            }

            fn read(_: &#private::RecordReader<'_>) -> #private::Result<Self> {
                ::core::unreachable!()
            }
        }
    }
}
