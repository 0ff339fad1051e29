# The shape small: no domain.

mock_provider "google" {
  source = "./tests/mocks"
}
mock_provider "archive" {}
mock_provider "time" {}

variables {
  project_id     = "my-project-1234"
  analysis_model = "vertexai/gemini-3.5-flash-lite"
  stream_image   = "us-central1-docker.pkg.dev/my-project-1234/media/stream:1"
  alert_emails   = ["one@example.com"]
}

run "everything_has_the_addresses_of_cloud_run" {
  assert {
    condition     = output.url == "https://media-stream-123456789012.us-central1.run.app"
    error_message = "The page's address is ${output.url}."
  }
  assert {
    condition     = output.api_url == "https://media-api-123456789012.us-central1.run.app/api/"
    error_message = "The API's address is ${output.api_url}."
  }
  assert {
    condition     = output.worker_url == "https://media-worker-123456789012.us-central1.run.app"
    error_message = "The worker's address is ${output.worker_url}."
  }
  assert {
    condition     = output.ip_address == null
    error_message = "There is an address for a domain, and no domain."
  }
}

run "the_page_and_the_api_are_open_and_the_worker_is_not" {
  assert {
    condition     = google_cloud_run_v2_service.stream.ingress == "INGRESS_TRAFFIC_ALL" && google_cloud_run_v2_service.stream.invoker_iam_disabled
    error_message = "The stream, which serves the page, cannot be reached."
  }
  assert {
    condition     = google_cloudfunctions2_function.api.service_config[0].ingress_settings == "ALLOW_ALL"
    error_message = "The api cannot be reached."
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.anyone_calls_api[0].member == "allUsers"
    error_message = "IAM refuses the callers of the api."
  }
  assert {
    condition     = google_cloudfunctions2_function.worker.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"
    error_message = "The worker can be reached from the internet."
  }
}

run "nothing_is_imported_from_buckets_that_nobody_has_named" {
  assert {
    condition     = length(google_storage_bucket_iam_member.worker_imports) == 0 && !contains(keys(google_cloudfunctions2_function.api.service_config[0].environment_variables), "IMPORT_BUCKETS")
    error_message = "The worker may read a bucket that nobody has named."
  }
}

run "the_worker_may_read_the_buckets_to_import_from_and_no_more" {
  variables {
    import_buckets = ["shop-photos", "old-photos"]
  }

  assert {
    condition     = [for grant in google_storage_bucket_iam_member.worker_imports : "${grant.bucket} ${grant.role}"] == ["old-photos roles/storage.objectViewer", "shop-photos roles/storage.objectViewer"]
    error_message = "The worker has other rights on the buckets to import from."
  }
  assert {
    condition     = google_cloudfunctions2_function.worker.service_config[0].environment_variables.IMPORT_BUCKETS == "shop-photos,old-photos"
    error_message = "The worker imports from other buckets than were named."
  }
}

run "nothing_is_told_of_new_objects_that_nobody_has_asked_about" {
  assert {
    condition     = length(google_pubsub_topic.arrivals) + length(google_pubsub_subscription.arrivals) + length(google_storage_notification.arrivals) + length(google_pubsub_topic_iam_member.storage_tells) == 0
    error_message = "There is a topic for new objects, and no bucket of which it is told."
  }
  assert {
    condition     = !contains(keys(google_cloudfunctions2_function.worker.service_config[0].environment_variables), "IMPORT_NEW_OBJECTS")
    error_message = "The worker has a rule for new objects that nobody has written."
  }
}

run "new_objects_of_the_named_buckets_are_pushed_to_the_worker" {
  variables {
    import_buckets = ["old-photos"]
    import_new_objects = [
      { bucket = "shop-photos", prefix = "users/{owner}/", language = "ja" },
      { bucket = "shop-photos", prefix = "users/{owner}/raw/", analyze = false },
      { bucket = "team-photos", owner = "team", project = "other-project-5678", in_place = true, analyses = ["alt-text"] },
    ]
  }

  assert {
    condition     = google_cloudfunctions2_function.worker.service_config[0].environment_variables.IMPORT_BUCKETS == "old-photos,shop-photos,team-photos" && keys(google_storage_bucket_iam_member.worker_imports) == ["old-photos", "shop-photos", "team-photos"]
    error_message = "The worker may not read a bucket whose new objects it is told of."
  }
  assert {
    condition = jsondecode(google_cloudfunctions2_function.worker.service_config[0].environment_variables.IMPORT_NEW_OBJECTS) == [
      { bucket = "shop-photos", prefix = "users/{owner}/", in_place = false, analyze = true, language = "ja" },
      { bucket = "shop-photos", prefix = "users/{owner}/raw/", in_place = false, analyze = false, language = "en" },
      { bucket = "team-photos", prefix = "", owner = "team", in_place = true, analyze = true, analyses = ["alt-text"], language = "en" },
    ]
    error_message = "The worker has other rules: ${google_cloudfunctions2_function.worker.service_config[0].environment_variables.IMPORT_NEW_OBJECTS}"
  }
  # One for both folders of users, as Cloud Storage knows no {owner}.
  assert {
    condition     = [for told in google_storage_notification.arrivals : "${told.bucket}/${told.object_name_prefix == null ? "" : told.object_name_prefix}"] == ["shop-photos/users/", "team-photos/"]
    error_message = "Cloud Storage tells of other objects."
  }
  assert {
    condition     = alltrue([for told in google_storage_notification.arrivals : told.payload_format == "JSON_API_V1" && told.event_types == toset(["OBJECT_FINALIZE"])])
    error_message = "Cloud Storage tells of something else than new objects."
  }
  assert {
    condition     = keys(data.google_storage_project_service_account.arrivals) == ["my-project-1234", "other-project-5678"] && alltrue([for grant in google_pubsub_topic_iam_member.storage_tells : grant.role == "roles/pubsub.publisher"])
    error_message = "Cloud Storage of a project may not write to the topic, or more than that."
  }
  assert {
    condition     = google_pubsub_subscription.arrivals[0].push_config[0].push_endpoint == "https://media-worker-123456789012.us-central1.run.app/tasks/arrival" && google_pubsub_subscription.arrivals[0].push_config[0].oidc_token[0].audience == output.worker_url && google_pubsub_subscription.arrivals[0].push_config[0].oidc_token[0].service_account_email == google_service_account.tasks.email
    error_message = "Pub/Sub does not call the worker, or not as the account of the queues."
  }
  assert {
    condition     = google_pubsub_subscription.arrivals[0].expiration_policy[0].ttl == "" && google_pubsub_subscription.arrivals[0].message_retention_duration == "2678400s"
    error_message = "New objects can get lost."
  }
}

run "uploads_for_builds_are_deleted_and_the_sources_of_functions_are_not" {
  assert {
    condition = [for rule in google_storage_bucket.source.lifecycle_rule :
    [one(rule.condition).age, one(rule.condition).matches_prefix]] == [[90, tolist(["stream/"])]]
    error_message = "The rule of the bucket of sources is another one."
  }
  assert {
    condition     = !startswith(google_storage_bucket_object.api.name, "stream/") && !startswith(google_storage_bucket_object.worker.name, "stream/")
    error_message = "The source of a function would be deleted."
  }
}

run "the_page_finds_the_api_and_the_sign_in" {
  variables {
    allow_sign_up = true
  }

  assert {
    condition     = jsondecode(one([for each in google_cloud_run_v2_service.stream.template[0].containers[0].env : each.value if each.name == "PAGE_CONFIG"])).api_url == "https://media-api-123456789012.us-central1.run.app"
    error_message = "The page does not find the api."
  }
  assert {
    condition     = jsondecode(one([for each in google_cloud_run_v2_service.stream.template[0].containers[0].env : each.value if each.name == "PAGE_CONFIG"])).sign_in.sign_up
    error_message = "The page does not offer sign-up."
  }
  assert {
    condition     = google_cloudfunctions2_function.api.service_config[0].environment_variables.ALLOWED_ORIGINS == output.url
    error_message = "The api refuses the page's origin."
  }
  assert {
    condition     = toset(google_storage_bucket.staging.cors[0].origin) == toset([output.url]) && toset(google_storage_bucket.media.cors[0].origin) == toset([output.url])
    error_message = "The buckets refuse the page's origin."
  }
  assert {
    condition     = google_identity_platform_config.media[0].authorized_domains[0] == "media-stream-123456789012.us-central1.run.app"
    error_message = "Identity Platform does not know the page's host."
  }
}

run "there_is_nothing_of_a_load_balancer" {
  assert {
    condition     = length(google_compute_global_address.media) + length(google_compute_url_map.media) + length(google_compute_security_policy.media) + length(google_compute_backend_bucket.page) + length(google_storage_bucket.page) + length(google_storage_bucket_object.page) == 0
    error_message = "There is a part of a load balancer, which costs money all day."
  }
  assert {
    condition     = !contains(keys(google_project_service.required), "compute.googleapis.com")
    error_message = "The Compute API is enabled for nothing."
  }
}

run "other_pages_may_call_the_api_too" {
  variables {
    allowed_origins = ["https://app.example.com"]
  }

  assert {
    condition     = google_cloudfunctions2_function.api.service_config[0].environment_variables.ALLOWED_ORIGINS == "${output.url},https://app.example.com"
    error_message = "The api has not both origins."
  }
}

run "an_organisation_may_forbid_grants_to_everybody" {
  variables {
    api_is_open_by_grant = false
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.anyone_calls_api) == 0
    error_message = "There is a grant to allUsers."
  }
}

run "a_model_with_a_key_gets_it" {
  variables {
    analysis_model = "googleai/gemini-3.5-flash-lite"
  }

  assert {
    condition     = google_cloudfunctions2_function.worker.service_config[0].secret_environment_variables[0].key == "GEMINI_API_KEY"
    error_message = "The worker has no key."
  }
  assert {
    condition     = length(google_service_account_iam_member.worker_signs) == 1
    error_message = "The worker cannot sign the address of a large video."
  }
  assert {
    condition     = length(google_project_iam_member.worker_vertex) == 0 && !contains(keys(google_project_service.required), "aiplatform.googleapis.com")
    error_message = "Vertex AI is open to the worker for nothing."
  }
}

run "only_vectors_of_gemini_give_the_api_a_key" {
  variables {
    embedding_model = "googleai/gemini-embedding-2"
  }

  assert {
    condition     = google_cloudfunctions2_function.api.service_config[0].secret_environment_variables[0].key == "GEMINI_API_KEY" && google_cloudfunctions2_function.worker.service_config[0].secret_environment_variables[0].key == "GEMINI_API_KEY"
    error_message = "The api or the worker has no key."
  }
  assert {
    condition     = length(google_secret_manager_secret_iam_member.api_gemini_key) == 1
    error_message = "The api may not read the key."
  }
}

run "each_model_of_a_chain_gets_what_it_needs" {
  variables {
    analysis_model = "openai/google/gemma-3-27b-it"
    model_fallback = "openai/gpt-5-mini, googleai/gemini-3.5-flash-lite,vertexai/gemini-3.5-flash-lite"
  }

  assert {
    condition     = toset(google_cloudfunctions2_function.worker.service_config[0].secret_environment_variables[*].key) == toset(["GEMINI_API_KEY", "OPENAI_API_KEY"])
    error_message = "The worker does not have both keys."
  }
  assert {
    condition     = length(google_project_iam_member.worker_vertex) == 1
    error_message = "The worker may not ask Vertex AI."
  }
}

run "an_issuer_of_ones_own_has_no_sign_in_screens" {
  variables {
    identity_platform = false
    auth_issuer       = "https://login.example.com/"
    auth_audience     = "media"
    auth_jwks_url     = "https://login.example.com/jwks.json"
  }

  assert {
    condition     = jsondecode(one([for each in google_cloud_run_v2_service.stream.template[0].containers[0].env : each.value if each.name == "PAGE_CONFIG"])) == { api_url = "https://media-api-123456789012.us-central1.run.app" }
    error_message = "The page has sign-in screens for another issuer."
  }
  assert {
    condition     = google_cloudfunctions2_function.api.service_config[0].environment_variables.AUTH_ISSUER == "https://login.example.com/"
    error_message = "The api trusts another issuer."
  }
  assert {
    condition     = length(google_identity_platform_config.media) == 0
    error_message = "Identity Platform is set up for nothing."
  }
}

run "nobody_pays_for_alerts_that_nobody_gets" {
  variables {
    alert_emails = []
  }

  assert {
    condition     = length(google_monitoring_alert_policy.queue) + length(google_monitoring_alert_policy.burn_rate) + length(google_monitoring_alert_policy.uptime) == 0
    error_message = "There are alerts without an address."
  }
  assert {
    condition     = length(google_monitoring_uptime_check_config.media) == 0
    error_message = "There are checks from outside whose failure nobody is told."
  }
}

run "a_role_has_an_id_of_its_own_in_each_deployment" {
  assert {
    condition     = alltrue([for role in [google_project_iam_custom_role.object_remover, google_project_iam_custom_role.object_keeper] : endswith(role.role_id, "_${time_static.role_suffix.unix}")])
    error_message = "After terraform destroy, Google refuses the same id for weeks."
  }
}

# Cloud Run counts no request that IAM refuses.
run "a_delivery_that_iam_refuses_is_seen" {
  assert {
    condition     = strcontains(google_monitoring_alert_policy.deliveries[0].conditions[0].condition_threshold[0].filter, "metric.type=\"cloudtasks.googleapis.com/queue/task_attempt_count\" AND resource.type=\"cloud_tasks_queue\"")
    error_message = "The alert does not count what Cloud Tasks has tried: ${google_monitoring_alert_policy.deliveries[0].conditions[0].condition_threshold[0].filter}"
  }
  assert {
    condition     = alltrue([for answer in ["ok", "unavailable", "resource_exhausted"] : strcontains(google_monitoring_alert_policy.deliveries[0].conditions[0].condition_threshold[0].filter, "metric.labels.response_code!=\"${answer}\"")])
    error_message = "The alert comes without a fault: ${google_monitoring_alert_policy.deliveries[0].conditions[0].condition_threshold[0].filter}"
  }
  assert {
    condition     = !can(regex("permission_denied|unauthenticated|40[013]", google_monitoring_alert_policy.deliveries[0].conditions[0].condition_threshold[0].filter))
    error_message = "The alert leaves out a refusal: ${google_monitoring_alert_policy.deliveries[0].conditions[0].condition_threshold[0].filter}"
  }
}

# A dead receiver leaves a task for each message in the queue, for hours.
run "messages_that_wait_for_their_receiver_are_no_pile_of_work" {
  assert {
    condition     = strcontains(google_monitoring_alert_policy.queue[0].conditions[0].condition_threshold[0].filter, "resource.labels.queue_id!=\"${google_cloud_tasks_queue.webhook.name}\"")
    error_message = "The alert counts messages that wait: ${google_monitoring_alert_policy.queue[0].conditions[0].condition_threshold[0].filter}"
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.messages_overdue[0].conditions[0].condition_threshold[0].filter, "/${google_logging_metric.message_overdue.name}\"") && strcontains(google_monitoring_alert_policy.messages_refused[0].conditions[0].condition_threshold[0].filter, "outcome=\"refused\"")
    error_message = "The alerts on messages read other metrics."
  }
}

run "each_burn_rate_can_be_reached" {
  variables {
    alert_emails = ["one@example.com"]
    slo_goals    = { analysis_success = 0.9, push_freshness = 0.5 }
  }

  # If all fails, the budget is used up 1 / (1 - goal) times as fast as planned.
  assert {
    condition     = join(" ", [for name in ["api-fast", "api-slow", "analysis-fast", "analysis-slow", "push-fast", "push-slow"] : google_monitoring_alert_policy.burn_rate[name].conditions[0].condition_threshold[0].threshold_value]) == "14 6 9 6 1.8 1.8"
    error_message = "An alert can never come: ${jsonencode([for each in google_monitoring_alert_policy.burn_rate : each.conditions[0].condition_threshold[0].threshold_value])}"
  }
}

run "an_owner_may_cost_five_dollars_a_day" {
  assert {
    condition     = google_cloudfunctions2_function.worker.service_config[0].environment_variables.MAX_OWNER_USD_PER_DAY == "5"
    error_message = "The limit of one owner is not that of functions/features/spend/settings.ts."
  }
}

run "and_no_more_than_all_owners_together" {
  variables {
    max_usd_per_day = 1
  }

  assert {
    condition     = google_cloudfunctions2_function.worker.service_config[0].environment_variables.MAX_OWNER_USD_PER_DAY == "1"
    error_message = "The limit of one owner is above that of all."
  }
}

run "and_five_dollars_where_all_have_no_limit" {
  variables {
    max_usd_per_day = "off"
  }

  assert {
    condition     = google_cloudfunctions2_function.worker.service_config[0].environment_variables.MAX_OWNER_USD_PER_DAY == "5"
    error_message = "An owner has lost the limit."
  }
}

run "a_topic_is_known_to_the_worker_before_it_is_made" {
  command = plan

  variables {
    events_topic = "media-events"
  }

  assert {
    condition     = alltrue([for each in [google_cloudfunctions2_function.worker, google_cloudfunctions2_function.api] : each.service_config[0].environment_variables.EVENTS_TOPIC == "projects/my-project-1234/topics/media-events"])
    error_message = "The worker publishes to another topic."
  }
}

run "a_topic_of_events_is_the_workers_alone" {
  variables {
    events_topic = "media-events"
  }

  assert {
    condition     = google_pubsub_topic.events[0].name == "media-events" && google_pubsub_topic.events[0].message_storage_policy[0].allowed_persistence_regions == toset([var.region])
    error_message = "The topic has another name, or its messages may leave the region."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.worker_publishes[0].role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.worker_publishes[0].member == google_service_account.worker.member
    error_message = "The worker may not publish."
  }
}

run "without_a_name_there_is_no_topic" {
  assert {
    condition     = length(google_pubsub_topic.events) == 0 && !contains(keys(google_cloudfunctions2_function.worker.service_config[0].environment_variables), "EVENTS_TOPIC")
    error_message = "There is a topic that nobody has asked for."
  }
}
