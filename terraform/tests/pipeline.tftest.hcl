# The delivery pipeline.

mock_provider "google" {
  source = "./tests/mocks"
}
mock_provider "archive" {}
mock_provider "time" {}

variables {
  project_id     = "my-project-1234"
  analysis_model = "vertexai/gemini-3.5-flash-lite"
  stream_image   = "us-central1-docker.pkg.dev/my-project-1234/media/stream:1"
  repository     = "projects/my-project-1234/locations/us-central1/connections/c/repositories/r"
  state_bucket   = "my-project-1234-terraform"
}

run "the_build_may_add_releases_and_not_replace_them" {
  assert {
    condition     = toset(keys(google_storage_bucket_iam_member.release_adds)) == toset(["roles/storage.objectViewer", "roles/storage.objectCreator"])
    error_message = "media-release has ${join(", ", keys(google_storage_bucket_iam_member.release_adds))}."
  }
  assert {
    condition     = google_storage_bucket_iam_member.release_reads_state[0].role == "roles/storage.objectViewer"
    error_message = "media-release may change Terraform's state."
  }
}

run "old_releases_are_deleted_and_the_one_to_come_back_to_is_not" {
  assert {
    condition = contains([
      for rule in google_storage_bucket.releases[0].lifecycle_rule :
      "${one(rule.condition).age} ${join(" ", coalesce(one(rule.condition).matches_suffix, []))}"
    ], "90 .tar.gz .plan.txt")
    error_message = "Releases stay for ever, or go before their images."
  }
  assert {
    condition     = alltrue([for rule in google_storage_bucket.releases[0].lifecycle_rule : length(concat(coalesce(one(rule.condition).matches_suffix, []), coalesce(one(rule.condition).matches_prefix, []))) > 0])
    error_message = "A rule deletes the release to come back to, or its name."
  }
}

run "the_deploying_account_grants_nothing" {
  assert {
    condition     = length([for role in keys(google_project_iam_member.deploy) : role if can(regex("(owner|editor$|projectIamAdmin|serviceAccountAdmin|run[.]admin|securityAdmin)", role)) && !contains(["roles/monitoring.editor", "roles/compute.securityAdmin"], role)]) == 0
    error_message = "media-deploy may change permissions."
  }
  assert {
    condition     = !contains(keys(google_project_iam_member.deploy), "roles/compute.loadBalancerAdmin")
    error_message = "media-deploy may change a load balancer that is not there."
  }
}

run "a_release_is_smoked_where_the_page_is" {
  assert {
    condition     = google_cloudbuild_trigger.deploy[0].substitutions._URL == output.url
    error_message = "The smoke test asks another address."
  }
  assert {
    condition     = google_cloudbuild_trigger.deploy[0].approval_config[0].approval_required
    error_message = "A release needs no approval."
  }
}

run "with_a_domain_a_release_may_change_the_load_balancer" {
  variables {
    domain = "media.example.com"
  }

  assert {
    condition     = contains(keys(google_project_iam_member.deploy), "roles/compute.loadBalancerAdmin") && contains(keys(google_storage_bucket_iam_member.deploy), "page")
    error_message = "media-deploy may not change what a release changes."
  }
}

run "a_pipeline_needs_the_bucket_of_the_state" {
  command = plan

  variables {
    state_bucket = ""
  }

  expect_failures = [var.state_bucket]
}

run "the_account_that_runs_packages_reads_no_photo" {
  assert {
    condition     = google_cloudbuild_trigger.release[0].service_account == google_service_account.release[0].id && google_service_account.release[0].account_id == "media-release"
    error_message = "A release is built by the account that builds functions, which may read every object of the project."
  }
  assert {
    condition     = length(setintersection(keys(google_project_iam_member.release), ["roles/run.builder", "roles/storage.objectViewer", "roles/artifactregistry.writer"])) == 0
    error_message = "media-release may do in the whole project what it needs in one place: ${join(", ", keys(google_project_iam_member.release))}"
  }
}

run "a_dot_in_the_name_of_a_branch_is_a_dot" {
  variables {
    release_branch = "release-1.0"
  }

  assert {
    condition     = google_cloudbuild_trigger.release[0].repository_event_config[0].push[0].branch == "^release-1[.]0$"
    error_message = "Another branch is released, too: ${google_cloudbuild_trigger.release[0].repository_event_config[0].push[0].branch}"
  }
}
