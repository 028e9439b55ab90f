//! The catalogue through its public door, on a real PostgreSQL.

mod lists;
mod models;
mod schema;
mod seeding;
mod writes;
