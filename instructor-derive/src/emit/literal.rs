//! Strings as the schema renderer wants them: the text, and its JSON form in words of 16 bytes.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The expression of a prepared string.
pub(super) fn literal(text: &str, private: &TokenStream) -> TokenStream {
    if text.is_empty() {
        return quote!(#private::Literal::EMPTY);
    }
    let escaped = escaped(text);
    let length = Literal::usize_unsuffixed(escaped.len());
    let words = escaped.as_bytes().chunks(16).map(|bytes| {
        let mut word = [0; 16];
        for (place, byte) in word.iter_mut().zip(bytes) {
            *place = *byte;
        }
        Literal::u128_unsuffixed(u128::from_le_bytes(word))
    });
    quote!(#private::Literal::prepared(#text, #length, &[#(#words),*]))
}

/// The text between the quotes of a JSON string.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            control if control < ' ' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_demands_is_escaped() {
        assert_eq!(
            escaped("a\"b\\c\n\r\t\u{1b}é\u{7f}"),
            "a\\\"b\\\\c\\n\\r\\t\\u001bé\u{7f}"
        );
    }

    #[test]
    fn words_hold_the_first_byte_lowest() {
        let tokens = literal("ab", &quote!(p)).to_string().replace(' ', "");
        assert_eq!(tokens, "p::Literal::prepared(\"ab\",2,&[25185])");
    }
}
