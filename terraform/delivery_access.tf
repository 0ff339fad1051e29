# Permissions of the pipeline.

locals {
  # A release may change what deploy/plan-gate.ts lists, and read the rest. A person applies any other plan.
  deploy_roles = var.repository == "" ? [] : concat([
    "roles/artifactregistry.reader",
    "roles/browser",
    "roles/cloudbuild.builds.viewer",
    "roles/cloudfunctions.developer",
    "roles/cloudscheduler.admin",
    "roles/cloudtasks.queueAdmin",
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
    ], local.has_domain ? [
    "roles/compute.loadBalancerAdmin",
    "roles/compute.securityAdmin",
  ] : [])
}

# --- media-deploy ---------------------------------------------------------------------------------

resource "google_project_iam_member" "deploy" {
  for_each = toset(local.deploy_roles)

  project = var.project_id
  role    = each.value
  member  = google_service_account.deploy[0].member
}

# An account that deploys a unit must be allowed to act as the accounts that run and build the unit.
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
  for_each = local.delivers == 0 ? {} : merge({
    releases = google_storage_bucket.releases[0].name
    source   = google_storage_bucket.source.name
    state    = var.state_bucket
  }, local.has_domain ? { page = google_storage_bucket.page[0].name } : {})

  bucket = each.value
  role   = "roles/storage.objectUser"
  member = google_service_account.deploy[0].member

  lifecycle {
    create_before_destroy = true
  }
}

# --- media-release --------------------------------------------------------------------------------

# media-release runs code of the packages that a build installs, so it may only read the state, write releases and push
# images. It cannot read what people have sent. media-build can (access.tf), and installs nothing but the packages of the
# functions' bundles.
resource "google_project_iam_member" "release" {
  for_each = toset(var.repository == "" ? [] : ["roles/browser", "roles/logging.logWriter", "roles/serviceusage.serviceUsageConsumer"])

  project = var.project_id
  role    = each.value
  member  = google_service_account.release[0].member
}

resource "google_artifact_registry_repository_iam_member" "release" {
  count = local.delivers

  repository = google_artifact_registry_repository.media.name
  location   = google_artifact_registry_repository.media.location
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.release[0].member
}

resource "google_storage_bucket_iam_member" "release_reads_state" {
  count = local.delivers

  bucket = var.state_bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.release[0].member

  lifecycle {
    create_before_destroy = true
  }
}

# It may add a release and not replace one: what a person has approved stays as it is.
resource "google_storage_bucket_iam_member" "release_adds" {
  for_each = toset(var.repository == "" ? [] : ["roles/storage.objectViewer", "roles/storage.objectCreator"])

  bucket = google_storage_bucket.releases[0].name
  role   = each.value
  member = google_service_account.release[0].member
}

resource "google_pubsub_topic_iam_member" "release_announces" {
  count = local.delivers

  topic  = google_pubsub_topic.releases[0].name
  role   = "roles/pubsub.publisher"
  member = google_service_account.release[0].member
}
