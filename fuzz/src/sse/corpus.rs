//! What streams are made of.

/// What matters to a decoder, and a little that does not. What is here more than once is drawn more often.
pub(super) const WORDS: [&[u8]; 64] = [
    // Ends of lines and of events.
    b"\n",
    b"\n",
    b"\n",
    b"\n",
    b"\r",
    b"\r",
    b"\r",
    b"\r\n",
    b"\r\n",
    b"\r\n",
    b"\n\n",
    b"\n\n",
    b"\n\n",
    b"\r\r",
    b"\r\n\r\n",
    b"\n\r",
    // Fields, whole and nearly.
    b"data",
    b"data:",
    b"data:",
    b"data:",
    b"data: ",
    b"data: ",
    b"data: ",
    b"\ndata:",
    b"event",
    b"event:",
    b"event: ",
    b"\nevent:",
    b"id",
    b"id:",
    b"id: ",
    b"\nid:",
    b"retry",
    b"retry:",
    b"\nretry: 10",
    b"Data:",
    b" data:",
    b"dat",
    b"a:",
    // What stands around values and within.
    b":",
    b":",
    b": ",
    b" ",
    b" ",
    b"  ",
    b"\t",
    b"\0",
    b"\0",
    // Values.
    b"x",
    b"y",
    b"12",
    b"message",
    b"{\"a\": 1}",
    b"[DONE]",
    // Letters of several bytes, whole and in parts.
    "ü".as_bytes(),
    "€".as_bytes(),
    "𝄞".as_bytes(),
    b"\xE2\x82",
    b"\xF0\x9D\x84",
    b"\xC3",
    b"\xBF",
    // Bytes that are never UTF-8, and the halves of a pair of surrogates.
    b"\xFF",
    b"\xED\xA0\x80",
    // The byte order mark.
    b"\xEF\xBB\xBF",
];

/// Streams as they come, and those of the standard.
pub(super) const CORPUS: [&[u8]; 10] = [
    // OpenAI's chat completions.
    b"data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\xC3\xA9\"}}]}\n\ndata: [DONE]\n\n",
    // Anthropic's messages.
    b"event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    // Comments that keep a connection open, and ends of lines of Windows.
    b": OPENROUTER PROCESSING\r\n\r\n: OPENROUTER PROCESSING\r\n\r\ndata: {\"a\":1}\r\n\r\ndata: [DONE]\r\n\r\n",
    b"data: YHOO\ndata: +2\ndata: 10\n\n",
    b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
    b"data\n\ndata\ndata\n\ndata:",
    b"\xEF\xBB\xBFdata:1\n\n\xEF\xBB\xBFdata:2\n\ndata:3\n\n",
    b"data:1\r:\0\n:\r\ndata:2\n:aaaaaaaaaa\rdata:3\n:data:fail\r:ssssssssss\n\n",
    b"data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
    b"id: 1\nevent: a\ndata: x\n\nid: 2\0\nevent\ndata: y\n\nid: 3\n\nid\nretry: 5\ndata: z\r\r",
];
