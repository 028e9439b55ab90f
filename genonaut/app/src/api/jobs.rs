//! `/api/v1/jobs`: the queue.

pub(super) mod order;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use genonaut_db::accounts::Viewer;
use genonaut_db::jobs;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Fields, JobFields};
use super::images::Image;
use super::revision::Id;
use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::queue::enqueue;
use crate::waiting;

/// A batch of images from one recipe, and its progress.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    id: Uuid,
    /// Its position in the queue.
    number: i64,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    state: &'static str,
    /// The recipe of the images.
    #[schema(value_type = Object)]
    recipe: Value,
    /// Requested and finished images.
    images: i32,
    made: i32,
    /// Progress of the current image.
    step: i32,
    steps: i32,
    engine: Option<String>,
    /// What it is waiting for, other than its turn.
    waits_for: Option<String>,
    /// Why it failed, and what to do.
    problem: Option<String>,
    hint: Option<String>,
}

/// A job with its finished images.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobWithImages {
    #[serde(flatten)]
    job: Job,
    results: Vec<Image>,
}

/// Waiting and running jobs in queue order; at most 100.
#[utoipa::path(get, path = "/api/v1/jobs", operation_id = "list_jobs", tag = "jobs", responses(
    (status = 200, description = "Waiting and running jobs", body = Vec<Job>)))]
pub async fn list(State(app): State<App>, Extension(viewer): Extension<Viewer>) -> Result<Json<Vec<Job>>, Problem> {
    let open = jobs::open(&app.db, viewer).await?;
    let mut reasons = waiting::reasons(&app.db, &open).await?;
    let job = |job: jobs::Job| Job { waits_for: reasons.remove(&job.id), ..Job::from(job) };
    Ok(Json(open.into_iter().map(job).collect()))
}

/// Queues a job. Missing settings come from the checkpoint.
#[utoipa::path(post, path = "/api/v1/jobs", operation_id = "create_job", tag = "jobs", request_body = JobFields, responses(
    (status = 202, description = "Queued; Location is its URL", body = Job),
    (status = 400, description = "The body must be a JSON object", body = Problem),
    (status = 415, description = "Content-Type must be application/json", body = Problem),
    (status = 422, description = "Invalid field; nothing was queued", body = Problem)))]
pub async fn create(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Fields(fields): Fields,
) -> Result<Response, Problem> {
    let order::Ordered { recipe, images, .. } = order::read(&app.db, &fields).await?;
    let job = Job::from(enqueue(&app, viewer, recipe, images).await?);
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(job)).into_response())
}

/// One job, with its finished images.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", operation_id = "show_job", tag = "jobs", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The job", body = JobWithImages),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<Json<JobWithImages>, Problem> {
    let job = jobs::find(&app.db, viewer, id).await?.ok_or_else(|| Problem::not_found("job"))?;
    let waits_for = waiting::reasons(&app.db, std::slice::from_ref(&job)).await?.remove(&id);
    let results = genonaut_db::images::of_job(&app.db, id).await?.into_iter().map(Image::from).collect();
    Ok(Json(JobWithImages { job: Job { waits_for, ..job.into() }, results }))
}

/// Cancels a job: at once while it waits, within a moment while it runs. Finished images are kept.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", operation_id = "cancel_job", tag = "jobs", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Cancelled"),
    (status = 404, description = "No such ID", body = Problem),
    (status = 409, description = "Already finished", body = Problem)))]
pub async fn cancel(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    match jobs::cancel(&app.db, viewer, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(refused(&app, viewer, id, "already finished").await?),
    }
}

/// Number of cancelled jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cancelled {
    cancelled: u64,
}

/// Cancels every waiting and running job that the client may see. Finished images are kept. Accounts that
/// are not administrators see their own jobs only, unless the server shares them.
#[utoipa::path(post, path = "/api/v1/jobs/cancel", operation_id = "cancel_jobs", tag = "jobs", responses(
    (status = 200, description = "Number of cancelled jobs; jobs that the client may not see continue", body = Cancelled)))]
pub async fn cancel_all(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
) -> Result<Json<Cancelled>, Problem> {
    Ok(Json(Cancelled { cancelled: jobs::cancel_all(&app.db, viewer).await? }))
}

/// Retries a failed or cancelled job; finished images are kept.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", operation_id = "retry_job", tag = "jobs", params(("id" = Uuid, Path)), responses(
    (status = 202, description = "Queued again", body = Job),
    (status = 404, description = "No such ID", body = Problem),
    (status = 409, description = "Neither failed nor cancelled", body = Problem)))]
pub async fn retry(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<Response, Problem> {
    match jobs::retry(&app.db, viewer, id).await? {
        Some(job) => Ok((StatusCode::ACCEPTED, Json(Job::from(job))).into_response()),
        None => Err(refused(&app, viewer, id, "only a failed or cancelled job can be retried").await?),
    }
}

async fn refused(app: &App, viewer: Viewer, id: Uuid, why: &str) -> Result<Problem, Problem> {
    let there = jobs::find(&app.db, viewer, id).await?.is_some();
    Ok(if there { Problem::new(ProblemType::Conflict, why) } else { Problem::not_found("job") })
}

impl From<jobs::Job> for Job {
    fn from(job: jobs::Job) -> Self {
        let jobs::Job { id, number, recipe, images, made, step, steps, engine, problem, hint, .. } = job;
        Self {
            id,
            number,
            state: job.state.word(),
            recipe,
            images,
            made,
            step,
            steps,
            engine,
            waits_for: None,
            problem,
            hint,
        }
    }
}
