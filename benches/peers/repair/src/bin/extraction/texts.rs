//! Thirty texts, and what stands in them.

/// A text about a person, and the name, the age and the town in it.
pub(crate) const PERSONS: [(&str, &str, u32, &str); 10] = [
    (
        "Jason is 25 years old and lives in Berlin.",
        "Jason",
        25,
        "Berlin",
    ),
    (
        "My name is Maria, I am 31, and my home is Porto.",
        "Maria",
        31,
        "Porto",
    ),
    (
        "After 12 years in Oslo, Henrik, now 47, moved to Bergen.",
        "Henrik",
        47,
        "Bergen",
    ),
    (
        "Amina turned 19 last week. She studies in Nairobi.",
        "Amina",
        19,
        "Nairobi",
    ),
    (
        "The baker Luigi (62) has his shop in Bologna.",
        "Luigi",
        62,
        "Bologna",
    ),
    ("Ask Chen in Taipei, he is 38.", "Chen", 38, "Taipei"),
    (
        "Fatima, aged 54, came back to Cairo in 2019.",
        "Fatima",
        54,
        "Cairo",
    ),
    (
        "In Quebec we met Odette. At 70 she still skis.",
        "Odette",
        70,
        "Quebec",
    ),
    (
        "Pavel works in Brno; he will be 29 in May, so he is 28 now.",
        "Pavel",
        28,
        "Brno",
    ),
    (
        "Kiri, 8 years old, lost her kite in Wellington.",
        "Kiri",
        8,
        "Wellington",
    ),
];

/// A text about a purchase, and the article, the number and the shop in it.
pub(crate) const PURCHASES: [(&str, &str, u32, &str); 10] = [
    ("I bought 3 lamps at Ikea.", "lamps", 3, "Ikea"),
    (
        "Please get 12 eggs from Rewe on your way home.",
        "eggs",
        12,
        "Rewe",
    ),
    (
        "Two years ago I ordered 40 chairs from Thonet for the hall.",
        "chairs",
        40,
        "Thonet",
    ),
    ("Harrods sold me 2 umbrellas.", "umbrellas", 2, "Harrods"),
    (
        "We need 500 screws. Wickes has them.",
        "screws",
        500,
        "Wickes",
    ),
    (
        "From Decathlon: 4 tents, to be paid by Friday.",
        "tents",
        4,
        "Decathlon",
    ),
    (
        "Bring 6 candles, the ones that Muji has.",
        "candles",
        6,
        "Muji",
    ),
    (
        "The school took 25 globes from Staples in 2024.",
        "globes",
        25,
        "Staples",
    ),
    (
        "At Coop I found 7 melons for 10 euros.",
        "melons",
        7,
        "Coop",
    ),
    ("Tesco delivered 9 cakes instead of 8.", "cakes", 9, "Tesco"),
];

/// A text about a flight, and where it starts, where it ends and how many fly.
pub(crate) const FLIGHTS: [(&str, &str, u32, &str); 10] = [
    (
        "A flight from Lisbon to Madrid for 2 people, please.",
        "Lisbon",
        2,
        "Madrid",
    ),
    (
        "We are 5 and want to fly to Athens from Vienna.",
        "Vienna",
        5,
        "Athens",
    ),
    ("Book 3 seats, Dublin to Rome.", "Dublin", 3, "Rome"),
    (
        "Lima is where we start, Bogota where we land; 4 travellers.",
        "Lima",
        4,
        "Bogota",
    ),
    (
        "My boss leaves Zurich for London with 6 colleagues, so 7 in all.",
        "Zurich",
        7,
        "London",
    ),
    ("To Tokyo! From Seoul! All 8 of us!", "Seoul", 8, "Tokyo"),
    (
        "Can 10 of us get from Delhi to Mumbai on Monday?",
        "Delhi",
        10,
        "Mumbai",
    ),
    (
        "From Boston, 1 passenger, destination Miami.",
        "Boston",
        1,
        "Miami",
    ),
    (
        "The team of 11 returns to Lagos; it is in Accra now.",
        "Accra",
        11,
        "Lagos",
    ),
    ("Paris to Geneva, 9 tickets.", "Paris", 9, "Geneva"),
];
