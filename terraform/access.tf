# Who may do what: every grant of the units. Those of the pipeline are in delivery_access.tf.

locals {
  # https://cloud.google.com/firestore/docs/manage-databases#configure_per-database_access_permissions
  this_database_only = "resource.name==\"projects/${var.project_id}/databases/${var.firestore_database}\""
}

# --- Firestore ------------------------------------------------------------------------------------

resource "google_project_iam_member" "api_firestore" {
  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.api.member

  condition {
    title      = "media-database-only"
    expression = local.this_database_only
  }
}

resource "google_project_iam_member" "worker_firestore" {
  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.worker.member

  condition {
    title      = "media-database-only"
    expression = local.this_database_only
  }
}

resource "google_project_iam_member" "stream_firestore" {
  project = var.project_id
  role    = "roles/datastore.viewer"
  member  = google_service_account.stream.member

  condition {
    title      = "media-database-only"
    expression = local.this_database_only
  }
}

# --- Cloud Storage --------------------------------------------------------------------------------

# "list" is what makes a missing object a 404: without it Cloud Storage answers 403.
# https://cloud.google.com/storage/docs/access-control/iam-permissions#object_permissions
resource "google_project_iam_custom_role" "object_remover" {
  role_id     = "mediaObjectRemover"
  title       = "media-analysis: reads and removes objects"
  permissions = ["storage.objects.get", "storage.objects.list", "storage.objects.delete"]

  depends_on = [google_project_service.required]
}

resource "google_storage_bucket_iam_member" "api_staging" {
  bucket = google_storage_bucket.staging.name
  role   = "roles/storage.objectUser"
  member = google_service_account.api.member
}

resource "google_storage_bucket_iam_member" "api_media" {
  bucket = google_storage_bucket.media.name
  role   = google_project_iam_custom_role.object_remover.id
  member = google_service_account.api.member
}

resource "google_storage_bucket_iam_member" "worker_staging" {
  bucket = google_storage_bucket.staging.name
  role   = google_project_iam_custom_role.object_remover.id
  member = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker_media" {
  bucket = google_storage_bucket.media.name
  role   = "roles/storage.objectUser"
  member = google_service_account.worker.member
}

# V4 signed URLs: the api signs as itself, without a key file.
resource "google_service_account_iam_member" "api_signs" {
  service_account_id = google_service_account.api.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.api.member
}

# The worker signs for the Gemini API, which reads a larger video by such a URL.
resource "google_service_account_iam_member" "worker_signs" {
  count = local.uses_gemini_key ? 1 : 0

  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.worker.member
}

# --- Cloud Tasks ----------------------------------------------------------------------------------

resource "google_cloud_tasks_queue_iam_member" "api_enqueues" {
  for_each = local.queues

  name     = each.value.name
  location = each.value.location
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.api.member
}

resource "google_cloud_tasks_queue_iam_member" "worker_enqueues" {
  for_each = local.queues

  name     = each.value.name
  location = each.value.location
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.worker.member
}

# A media that is deleted takes its waiting tasks along.
resource "google_cloud_tasks_queue_iam_member" "api_cancels" {
  for_each = local.queues

  name     = each.value.name
  location = each.value.location
  role     = "roles/cloudtasks.taskDeleter"
  member   = google_service_account.api.member
}

# Who creates a task with an OIDC token has to be allowed to act as the account that it names.
resource "google_service_account_iam_member" "api_acts_as_tasks" {
  service_account_id = google_service_account.tasks.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.api.member
}

resource "google_service_account_iam_member" "worker_acts_as_tasks" {
  service_account_id = google_service_account.tasks.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.worker.member
}

# --- Who may call a unit --------------------------------------------------------------------------

# The whole list, so that an apply also takes away what somebody granted by hand: the worker believes
# tokens whose signature Cloud Run has checked (TASKS_AUTH=platform), and whoever may call it could
# write one.
resource "google_cloud_run_v2_service_iam_binding" "tasks_call_worker" {
  name     = google_cloudfunctions2_function.worker.name
  location = var.region
  role     = "roles/run.invoker"
  members  = [google_service_account.tasks.member]
}

# Callers prove themselves to the code, with their own tokens; a token of theirs in the same header
# would not pass IAM's check. Only the load balancer reaches these two (see their ingress).
resource "google_cloud_run_v2_service_iam_member" "anyone_calls_api" {
  name     = google_cloudfunctions2_function.api.name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "anyone_calls_stream" {
  name     = google_cloud_run_v2_service.stream.name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

# --- The model ------------------------------------------------------------------------------------

resource "google_secret_manager_secret_iam_member" "worker_gemini_key" {
  secret_id = google_secret_manager_secret.gemini_api_key.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.worker.member
}

resource "google_project_iam_member" "worker_vertex" {
  count = local.uses_vertex ? 1 : 0

  project = var.project_id
  role    = "roles/aiplatform.user"
  member  = google_service_account.worker.member
}

# --- Images ---------------------------------------------------------------------------------------

# What Google asks for of the account that builds functions: it reads the source from a bucket that
# does not exist before the first of them.
# https://cloud.google.com/run/docs/configuring/services/build-service-account
resource "google_project_iam_member" "build_functions" {
  project = var.project_id
  role    = "roles/run.builder"
  member  = google_service_account.build.member
}

# A grant takes a minute or two until it holds everywhere, and a build that comes too early fails.
resource "time_sleep" "build_may_build" {
  create_duration = "90s"

  depends_on = [google_project_iam_member.build_functions]
}
