# From a push to a release: cloudbuild.yaml builds and plans as media-build, a person approves, and
# cloudbuild.deploy.yaml applies that plan as media-deploy. Without a repository nothing of it is made.

variable "repository" {
  description = "A repository that is connected to Cloud Build, as in projects/P/locations/R/connections/C/repositories/N; empty: no pipeline."
  type        = string
  default     = ""

  validation {
    condition     = var.repository == "" || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "The resource name that gcloud builds repositories list --uri shows, from projects/ on."
  }
}

variable "release_branch" {
  description = "Every push to this branch becomes a release."
  type        = string
  default     = "main"
}

variable "state_bucket" {
  description = "The bucket that this state is kept in; the pipeline reads and writes it."
  type        = string
  default     = ""

  validation {
    condition     = var.state_bucket != "" || var.repository == ""
    error_message = "A pipeline has to know where the state is: the bucket of terraform init."
  }
}

variable "smoke_user" {
  description = "The user whom the smoke test signs in as; its password is in the secret smoke-password."
  type        = string
  default     = "smoke@example.com"
}

locals {
  delivers = var.repository == "" ? 0 : 1

  # What a release may change, and to read the rest. Not who may do what: a plan that changes that is
  # applied by a person.
  deploy_roles = var.repository == "" ? [] : [
    "roles/artifactregistry.reader",
    "roles/browser",
    "roles/cloudbuild.builds.viewer",
    "roles/cloudfunctions.developer",
    "roles/cloudscheduler.admin",
    "roles/cloudtasks.queueAdmin",
    "roles/compute.loadBalancerAdmin",
    "roles/compute.securityAdmin",
    "roles/datastore.indexAdmin",
    "roles/firebaserules.admin",
    "roles/iam.roleViewer",
    "roles/iam.securityReviewer",
    "roles/iam.serviceAccountViewer",
    "roles/identityplatform.viewer",
    "roles/logging.configWriter",
    "roles/logging.logWriter",
    "roles/monitoring.editor",
    "roles/pubsub.viewer",
    "roles/run.developer",
    "roles/secretmanager.viewer",
    "roles/serviceusage.serviceUsageConsumer",
    "roles/storage.bucketViewer",
  ]
}

# --- media-deploy ---------------------------------------------------------------------------------

resource "google_service_account" "deploy" {
  count = local.delivers

  account_id   = "media-deploy"
  display_name = "media-analysis: applies releases"

  depends_on = [google_project_service.required]
}

resource "google_project_iam_member" "deploy" {
  for_each = toset(local.deploy_roles)

  project = var.project_id
  role    = each.value
  member  = google_service_account.deploy[0].member
}

# Who deploys a unit has to be allowed to act as the account that it runs or is built as.
resource "google_service_account_iam_member" "deploy_acts_as" {
  for_each = local.delivers == 0 ? {} : {
    api    = google_service_account.api.name
    worker = google_service_account.worker.name
    stream = google_service_account.stream.name
    tasks  = google_service_account.tasks.name
    build  = google_service_account.build.name
  }

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deploy[0].member
}

resource "google_storage_bucket_iam_member" "deploy" {
  for_each = local.delivers == 0 ? {} : {
    page     = google_storage_bucket.page.name
    releases = google_storage_bucket.releases[0].name
    source   = google_storage_bucket.source.name
    state    = var.state_bucket
  }

  bucket = each.value
  role   = "roles/storage.objectUser"
  member = google_service_account.deploy[0].member
}

# --- media-build ----------------------------------------------------------------------------------

# It runs what the packages of a build bring along, so it may only read the state and leave a release.
resource "google_project_iam_member" "build_plans" {
  for_each = toset(var.repository == "" ? [] : ["roles/browser", "roles/serviceusage.serviceUsageConsumer"])

  project = var.project_id
  role    = each.value
  member  = google_service_account.build.member
}

resource "google_storage_bucket_iam_member" "build_reads_state" {
  count = local.delivers

  bucket = var.state_bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

resource "google_storage_bucket_iam_member" "build_releases" {
  count = local.delivers

  bucket = google_storage_bucket.releases[0].name
  role   = "roles/storage.objectUser"
  member = google_service_account.build.member
}

resource "google_pubsub_topic_iam_member" "build_announces" {
  count = local.delivers

  topic  = google_pubsub_topic.releases[0].name
  role   = "roles/pubsub.publisher"
  member = google_service_account.build.member
}

# --- Releases -------------------------------------------------------------------------------------

resource "google_storage_bucket" "releases" {
  count = local.delivers

  name                        = "${var.project_id}-media-releases"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  lifecycle_rule {
    condition {
      age            = 30
      matches_prefix = ["cache/"]
    }
    action {
      type = "Delete"
    }
  }

  depends_on = [google_project_service.required]
}

resource "google_pubsub_topic" "releases" {
  count = local.delivers

  name = "media-releases"

  depends_on = [google_project_service.required]
}

resource "google_secret_manager_secret" "smoke_password" {
  count = local.delivers

  secret_id = "smoke-password"

  replication {
    auto {}
  }

  depends_on = [google_project_service.required]
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
  service_account = google_service_account.build.id

  repository_event_config {
    repository = var.repository
    push {
      branch = "^${var.release_branch}$"
    }
  }

  substitutions = {
    _REGION       = var.region
    _STATE_BUCKET = var.state_bucket
  }

  depends_on = [time_sleep.build_may_build]
}

locals {
  # The file is what runs: it is read here because a build that is started by a message has no source.
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
    _URL          = "https://${var.domain}"
    _SMOKE_USER   = var.smoke_user
    _SIGN_IN_KEY  = local.sign_in_api_key
  }

  build {
    timeout = local.deploy.timeout

    options {
      logging      = local.deploy.options.logging
      machine_type = local.deploy.options.machineType
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
