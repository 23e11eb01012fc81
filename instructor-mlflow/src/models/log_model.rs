//! Logging a response model with its files.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use instructor_core::{Client, Mode, ResponseModel as IsResponseModel};
use serde::Serialize;
use serde_json::Value;

use crate::config::Experiment;
use crate::error::InitError;
use crate::models::active::is_name;
use crate::models::artifacts::{FILE_TYPE, proxied_path};
use crate::models::definition::{Asked, Definition};
use crate::models::directory;
use crate::models::endpoints::{Info, Status};
use crate::models::error::ModelError;
use crate::process;
use crate::record::ResponseModel;
use crate::server::Obstacle;
use crate::server::connection::Connection;

/// Logs the response model `T` as a model called `name`, in the experiment that traces go to now: its schema in every dialect, its
/// rules, and a file `MLmodel`, as artifacts that `mlflow` lists and reads.
///
/// Await the result, in a `tokio` runtime with I/O and time enabled. Every time makes a new version.
///
/// ```no_run
/// # use instructor_mlflow as mlflow;
/// # use instructor_derive::ResponseModel;
/// # #[derive(serde::Deserialize, ResponseModel)]
/// # #[response_model(crate = instructor_core)]
/// # struct EmailSubject { subject: String }
/// # async fn log(client: instructor_core::Client) -> Result<(), mlflow::ModelError> {
/// let model = mlflow::log_model::<EmailSubject>("email-writer")
///     .client(&client)
///     .input_example("Come up with a subject for an email about the launch.")
///     .await?;
/// println!("{}", model.uri()); // models:/m-2898d905ffc3498890d9a9aae910642a
/// # Ok(())
/// # }
/// ```
pub fn log_model<T: IsResponseModel>(name: impl Into<String>) -> LogModel<T> {
    LogModel {
        name: name.into(),
        asked: None,
        example: None,
        response_model: PhantomData,
    }
}

/// What [`log_model`] logs; await it.
#[must_use = "nothing is logged before this is awaited"]
pub struct LogModel<T> {
    name: String,
    asked: Option<Asked>,
    example: Option<Result<Value, serde_json::Error>>,
    response_model: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for LogModel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogModel")
            .field("name", &self.name)
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

impl<T: IsResponseModel> LogModel<T> {
    /// Who will be asked: provider, model, and the mode that they have by default.
    ///
    /// Then the version has the definition of calls of this client, and
    /// [`set_active_model`](crate::set_active_model) with the same name finds it.
    pub fn client(mut self, client: &Client) -> Self {
        let modes = client.provider().codec.modes(client.model());
        let mode = self.asked.and_then(|asked| asked.mode);
        self.asked = Some(Asked {
            provider: client.provider().name.to_string(),
            model: client.model().to_owned(),
            mode: mode.or(modes.first().map(Mode::to_string)),
        });
        self
    }

    /// How the model will be made to answer, if the calls say [`Create::mode`](instructor_core::Create::mode). Counts together with
    /// [`client`](LogModel::client), after it.
    pub fn mode(mut self, mode: Mode) -> Self {
        if let Some(asked) = &mut self.asked {
            asked.mode = Some(mode.to_string());
        }
        self
    }

    /// A prompt, or anything else that shows what goes in, as JSON.
    pub fn input_example(mut self, example: impl Serialize) -> Self {
        self.example = Some(serde_json::to_value(example));
        self
    }

    async fn log(self) -> Result<LoggedModel, ModelError> {
        if !is_name(&self.name) {
            return Err(InitError::InvalidModelName { name: self.name }.into());
        }
        let example = self.example.transpose().map_err(ModelError::Example)?;
        let response_model = ResponseModel::of(T::SCHEMA).value.clone();
        let definition = Definition::new(response_model, self.asked.as_ref());
        let destination = process::destination()?;
        let failed = |obstacle| ModelError::new(&destination.address, obstacle);
        let connection = Connection::new(destination.clone()).map_err(failed)?;
        let experiment_id = match &destination.experiment {
            Experiment::Id(id) => id.clone(),
            Experiment::Name(name) => connection
                .find_or_create_experiment(name)
                .await
                .map_err(failed)?,
        };
        // Servers without logged models are told apart by this one; and what is there does not matter.
        connection
            .find_model(&experiment_id, &self.name, &definition)
            .await
            .map_err(failed)?;
        let info = connection
            .create_model(&experiment_id, &self.name, &definition, false)
            .await
            .map_err(failed)?;
        let stored = store(&connection, &definition, &info, example.as_ref()).await;
        let status = match stored {
            Ok(()) => Status::Ready,
            Err(_) => Status::UploadFailed,
        };
        let concluded = connection.conclude_model(&info.model_id, status).await;
        stored.map_err(|(file, obstacle)| ModelError::Upload {
            model_id: info.model_id.clone(),
            file: file.to_owned(),
            source: Box::new(failed(obstacle)),
        })?;
        concluded.map_err(failed)?;
        Ok(LoggedModel {
            id: info.model_id,
            name: self.name,
            experiment_id,
            artifact_uri: info.artifact_uri,
            definition_hash: definition.hash,
        })
    }
}

/// Stores the files, or says which one could not be.
async fn store(
    connection: &Connection,
    definition: &Definition,
    info: &Info,
    example: Option<&Value>,
) -> Result<(), (&'static str, Obstacle)> {
    let Some(path) = proxied_path(&info.artifact_uri) else {
        let reason = format!(
            "it keeps the files of this experiment at {}, where only Python's client can put them; start it with \
             `--artifacts-destination`, and choose an experiment that was created since then",
            info.artifact_uri
        );
        return Err(("MLmodel", Obstacle::Unsupported(reason)));
    };
    for (file, content) in directory::files(definition, info, example, false) {
        connection
            .put_file(path, file, FILE_TYPE, content)
            .await
            .map_err(|obstacle| (file, obstacle))?;
    }
    Ok(())
}

impl<T: IsResponseModel> IntoFuture for LogModel<T> {
    type Output = Result<LoggedModel, ModelError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.log())
    }
}

/// A model that was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedModel {
    /// `m-` and 32 hexadecimal digits. [`set_active_model_id`](crate::set_active_model_id) takes it.
    pub id: String,
    /// Its name, which its versions share.
    pub name: String,
    /// The experiment that it is in.
    pub experiment_id: String,
    /// Where its files are.
    pub artifact_uri: String,
    /// SHA-256 of all its parameters, also its tag `instructor.definition_hash`.
    pub definition_hash: String,
}

impl LoggedModel {
    /// As `mlflow` names it: `models:/m-2898d905ffc3498890d9a9aae910642a`.
    pub fn uri(&self) -> String {
        format!("models:/{}", self.id)
    }
}
