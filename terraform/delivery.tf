# From a push to a release: cloudbuild.yaml builds and plans as media-release, a person approves, and
# cloudbuild.deploy.yaml applies that plan as media-deploy. Without var.repository none of this is
# created.

variable "repository" {
  description = "A repository that is connected to Cloud Build, written projects/P/locations/R/connections/C/repositories/N. Empty: no pipeline."
  type        = string
  default     = ""

  validation {
    condition     = var.repository == "" || can(regex("^projects/[a-z0-9:.-]+/locations/[a-z0-9-]+/connections/[A-Za-z0-9_-]+/repositories/[A-Za-z0-9._-]+$", var.repository))
    error_message = "Copy the resource name from gcloud builds repositories list --uri. It begins with projects/."
  }

  # https://cloud.google.com/build/docs/locations
  validation {
    condition     = var.repository == "" || strcontains(var.repository, "/locations/${var.region}/")
    error_message = "repository must be connected in the region of the units, where the triggers are. Connect it there: gcloud builds connections create."
  }
}

variable "release_branch" {
  description = "Every push to this branch becomes a release."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.release_branch))
    error_message = "release_branch must be the name of one branch."
  }
}

variable "state_bucket" {
  description = "The bucket that holds Terraform's state. The pipeline reads and writes it."
  type        = string
  default     = ""

  validation {
    condition     = var.state_bucket != "" || var.repository == ""
    error_message = "With a repository, set state_bucket too: the bucket that you gave to terraform init."
  }

  validation {
    condition     = var.state_bucket == "" || can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must be the name of a bucket, without gs:// and without a folder."
  }
}

variable "smoke_user" {
  description = "The user of the smoke test. Its password is in the secret smoke-password."
  type        = string
  default     = "smoke@example.com"

  validation {
    condition     = can(regex(local.email, var.smoke_user))
    error_message = "smoke_user must be an e-mail address such as smoke@example.com."
  }
}

locals {
  delivers = var.repository == "" ? 0 : 1
}

resource "google_service_account" "release" {
  count = local.delivers

  account_id   = "media-release"
  display_name = "media-analysis: checks and builds releases"

  depends_on = [time_sleep.services_known]
}

resource "google_service_account" "deploy" {
  count = local.delivers

  account_id   = "media-deploy"
  display_name = "media-analysis: applies releases"

  depends_on = [time_sleep.services_known]
}

# --- Releases -------------------------------------------------------------------------------------

resource "google_storage_bucket" "releases" {
  count = local.delivers

  name                        = "${var.project_id}-media-releases"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  lifecycle_rule {
    condition {
      age            = 30
      matches_prefix = ["cache/"]
    }
    action {
      type = "Delete"
    }
  }

  # As long as their images (registry.tf). The one to come back to has another name: cloudbuild.deploy.yaml keeps it.
  lifecycle_rule {
    condition {
      age            = 90
      matches_suffix = [".tar.gz", ".plan.txt"]
    }
    action {
      type = "Delete"
    }
  }

  depends_on = [time_sleep.services_known]
}

resource "google_pubsub_topic" "releases" {
  count = local.delivers

  name = "media-releases"

  depends_on = [time_sleep.services_known]
}

resource "google_secret_manager_secret" "smoke_password" {
  count = local.delivers

  secret_id = "smoke-password"

  replication {
    auto {}
  }

  depends_on = [time_sleep.services_known]
}

resource "google_secret_manager_secret_iam_member" "deploy_smokes" {
  count = local.delivers

  secret_id = google_secret_manager_secret.smoke_password[0].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.deploy[0].member
}

# --- Triggers -------------------------------------------------------------------------------------

resource "google_cloudbuild_trigger" "release" {
  count = local.delivers

  name            = "media-release"
  description     = "Checks, builds and plans what was pushed"
  location        = var.region
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.release[0].id

  repository_event_config {
    repository = var.repository
    push {
      # A dot would stand for any character.
      branch = "^${replace(var.release_branch, ".", "[.]")}$"
    }
  }

  substitutions = {
    _REGION       = var.region
    _STATE_BUCKET = var.state_bucket
  }

  depends_on = [google_project_iam_member.release, google_artifact_registry_repository_iam_member.release]
}

locals {
  # A build that is started by a message has no source, so Terraform reads the file and puts its steps
  # into the trigger.
  deploy = yamldecode(file("${path.module}/../cloudbuild.deploy.yaml"))
}

resource "google_cloudbuild_trigger" "deploy" {
  count = local.delivers

  name            = "media-deploy"
  description     = "Applies a release, once a person has approved it"
  location        = var.region
  service_account = google_service_account.deploy[0].id

  pubsub_config {
    topic = google_pubsub_topic.releases[0].id
  }

  approval_config {
    approval_required = true
  }

  substitutions = {
    _RELEASE      = "$(body.message.data.release)"
    _PLAN         = "$(body.message.data.plan)"
    _STATE_BUCKET = var.state_bucket
    _URL          = local.page_url
    _SMOKE_USER   = var.smoke_user
    _SIGN_IN_KEY  = local.sign_in_api_key
  }

  build {
    timeout = local.deploy.timeout

    options {
      logging      = local.deploy.options.logging
      machine_type = try(local.deploy.options.machineType, null)
    }

    available_secrets {
      dynamic "secret_manager" {
        for_each = local.deploy.availableSecrets.secretManager
        content {
          version_name = secret_manager.value.versionName
          env          = secret_manager.value.env
        }
      }
    }

    dynamic "step" {
      for_each = local.deploy.steps
      content {
        id            = step.value.id
        name          = step.value.name
        args          = try(step.value.args, null)
        script        = try(step.value.script, null)
        env           = try(step.value.env, null)
        secret_env    = try(step.value.secretEnv, null)
        allow_failure = try(step.value.allowFailure, null)
      }
    }
  }
}
