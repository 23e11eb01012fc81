//! The type that the long answer is read into.

use instructor::prelude::*;

/// The members of a club.
#[derive(Debug, Deserialize, ResponseModel)]
pub struct Club {
    /// Everyone who is named.
    pub members: Vec<Member>,
}

/// A member.
#[derive(Debug, Deserialize, ResponseModel)]
pub struct Member {
    /// The number on the card.
    pub id: u32,
    /// The whole name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Where they live.
    pub town: String,
    /// What else is known.
    pub note: String,
    /// Points so far.
    pub score: f64,
    /// Whether they have paid.
    pub is_active: bool,
}

impl Club {
    /// That the answer came through whole.
    ///
    /// # Errors
    ///
    /// If it did not.
    pub fn check(&self) -> Result<(), harness::CallError> {
        let mut numbered = self.members.iter().zip(0..);
        if !self.members.is_empty() && numbered.all(|(member, number)| member.id == number) {
            return Ok(());
        }
        Err("members are missing".into())
    }
}
