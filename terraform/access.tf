# Permissions: every grant to the units. The grants to the pipeline are in delivery_access.tf.
#
# A grant that a setting can replace is created before the old one is deleted (create_before_destroy), so that no unit
# loses a right while it works: another database, another queue, another custom role. Its unit depends on it, so that
# the old one is deleted after the unit was changed. So it is with a grant that a setting takes away: another model. The other grants can only be replaced by the same grant, which would
# delete what was just created. test/deploy/grants.test.ts tells them apart.

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

  lifecycle {
    create_before_destroy = true
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

  lifecycle {
    create_before_destroy = true
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

  lifecycle {
    create_before_destroy = true
  }
}

# --- Cloud Storage --------------------------------------------------------------------------------

# The id of a deleted role cannot be used again for weeks: https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role
# The time of the first apply is kept in the state, so the ids stay the same until terraform destroy.
resource "time_static" "role_suffix" {}

# With "list", a missing object is a 404. Without it Cloud Storage answers 403.
# https://cloud.google.com/storage/docs/access-control/iam-permissions#object_permissions
resource "google_project_iam_custom_role" "object_remover" {
  role_id     = "mediaObjectRemover_${time_static.role_suffix.unix}"
  title       = "media-analysis: reads and removes objects"
  permissions = ["storage.objects.get", "storage.objects.list", "storage.objects.delete"]

  depends_on = [time_sleep.services_known]
}

# The sweep also moves the custom time of staged objects: see storage.tf.
resource "google_project_iam_custom_role" "object_keeper" {
  role_id     = "mediaObjectKeeper_${time_static.role_suffix.unix}"
  title       = "media-analysis: reads, keeps and removes objects"
  permissions = ["storage.objects.get", "storage.objects.list", "storage.objects.delete", "storage.objects.update"]

  depends_on = [time_sleep.services_known]
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

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_storage_bucket_iam_member" "worker_staging" {
  bucket = google_storage_bucket.staging.name
  role   = google_project_iam_custom_role.object_keeper.id
  member = google_service_account.worker.member

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_storage_bucket_iam_member" "worker_media" {
  bucket = google_storage_bucket.media.name
  role   = "roles/storage.objectUser"
  member = google_service_account.worker.member
}

# For V4 signed URLs the api signs as its own account, without a key file.
resource "google_service_account_iam_member" "api_signs" {
  service_account_id = google_service_account.api.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.api.member
}

# The worker signs URLs too: the Gemini API reads a large video by such a URL.
resource "google_service_account_iam_member" "worker_signs" {
  count = local.uses_gemini_key ? 1 : 0

  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.worker.member

  lifecycle {
    create_before_destroy = true
  }
}

# --- Cloud Tasks ----------------------------------------------------------------------------------

resource "google_cloud_tasks_queue_iam_member" "api_enqueues" {
  for_each = local.queues

  name     = each.value.name
  location = each.value.location
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.api.member

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_cloud_tasks_queue_iam_member" "worker_enqueues" {
  for_each = local.queues

  name     = each.value.name
  location = each.value.location
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.worker.member

  lifecycle {
    create_before_destroy = true
  }
}

# The sweep asks whether a task whose name is taken still waits.
resource "google_cloud_tasks_queue_iam_member" "worker_looks" {
  for_each = local.queues

  name     = each.value.name
  location = each.value.location
  role     = "roles/cloudtasks.viewer"
  member   = google_service_account.worker.member

  lifecycle {
    create_before_destroy = true
  }
}

# When the api deletes a media, it also deletes the media's waiting tasks.
resource "google_cloud_tasks_queue_iam_member" "api_cancels" {
  for_each = local.queues

  name     = each.value.name
  location = each.value.location
  role     = "roles/cloudtasks.taskDeleter"
  member   = google_service_account.api.member

  lifecycle {
    create_before_destroy = true
  }
}

# A caller that creates a task with an OIDC token must be allowed to act as the token's account.
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

# A binding sets the whole list, so an apply also removes grants that a person has added by hand. The
# worker believes tokens whose signature Cloud Run has checked (TASKS_AUTH=platform). Any account that may
# call the worker could write such a token itself.
resource "google_cloud_run_v2_service_iam_binding" "tasks_call_worker" {
  name     = google_cloudfunctions2_function.worker.name
  location = var.region
  role     = "roles/run.invoker"
  members  = [google_service_account.tasks.member]
}

# Callers send their own tokens, which the code checks. IAM would refuse those tokens, because it reads
# the same header. The stream says the same in stream.tf, which a function cannot.
resource "google_cloud_run_v2_service_iam_member" "anyone_calls_api" {
  count = var.api_is_open_by_grant ? 1 : 0

  name     = google_cloudfunctions2_function.api.name
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

# Only what is searched for needs it, and only where Gemini makes the vectors.
resource "google_secret_manager_secret_iam_member" "api_gemini_key" {
  count = local.embeds_by_gemini ? 1 : 0

  secret_id = google_secret_manager_secret.gemini_api_key.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.api.member

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "worker_openai_key" {
  secret_id = google_secret_manager_secret.openai_api_key.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.worker.member
}

resource "google_project_iam_member" "worker_vertex" {
  count = local.uses_vertex ? 1 : 0

  project = var.project_id
  role    = "roles/aiplatform.user"
  member  = google_service_account.worker.member

  lifecycle {
    create_before_destroy = true
  }
}

# --- Images ---------------------------------------------------------------------------------------

# Google asks for this role for the account that builds functions. The role is on the project, because the
# bucket of the sources is created with the first function.
# https://cloud.google.com/run/docs/configuring/services/build-service-account
resource "google_project_iam_member" "build_functions" {
  project = var.project_id
  role    = "roles/run.builder"
  member  = google_service_account.build.member
}

# A grant takes a minute or two to reach every server. A build that starts too early fails.
resource "time_sleep" "build_may_build" {
  create_duration = "90s"

  depends_on = [google_project_iam_member.build_functions]
}
