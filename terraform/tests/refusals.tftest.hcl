# Settings that Google would refuse in the middle of an apply, or that would not work. Each is refused by the plan.

mock_provider "google" {
  source = "./tests/mocks"
}
mock_provider "archive" {}
mock_provider "time" {}

variables {
  project_id     = "my-project-1234"
  analysis_model = "vertexai/gemini-3.5-flash-lite"
  stream_image   = "us-central1-docker.pkg.dev/my-project-1234/media/stream:1"
}

run "a_project_number" {
  command = plan

  variables {
    project_id = "123456789012"
  }

  expect_failures = [var.project_id]
}

run "a_region_that_is_none" {
  command = plan

  variables {
    region = "mars-north1"
  }

  expect_failures = [var.region]
}

run "a_database_in_a_place_that_is_none" {
  command = plan

  variables {
    firestore_location = "eur9"
  }

  expect_failures = [var.firestore_location]
}

run "a_domain_with_a_long_part" {
  command = plan

  variables {
    domain = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com"
  }

  expect_failures = [var.domain]
}

run "a_domain_that_no_certificate_can_name" {
  command = plan

  variables {
    domain = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example.com"
  }

  expect_failures = [var.domain]
}

run "a_domain_with_a_scheme" {
  command = plan

  variables {
    domain = "https://media.example.com"
  }

  expect_failures = [var.domain]
}

run "an_origin_with_a_space" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com "]
  }

  expect_failures = [var.allowed_origins]
}

run "an_origin_with_a_path" {
  command = plan

  variables {
    allowed_origins = ["https://app.example.com/"]
  }

  expect_failures = [var.allowed_origins]
}

run "a_sign_in_origin_with_a_wildcard" {
  command = plan

  variables {
    domain          = "media.example.com"
    sign_in_origins = ["https://*"]
  }

  expect_failures = [var.sign_in_origins]
}

run "a_sign_in_origin_with_a_quote" {
  command = plan

  variables {
    domain          = "media.example.com"
    sign_in_origins = ["https://a.example'self'"]
  }

  expect_failures = [var.sign_in_origins]
}

run "a_sign_in_origin_with_a_line_break" {
  command = plan

  variables {
    domain          = "media.example.com"
    sign_in_origins = ["https://a.example\nX: y"]
  }

  expect_failures = [var.sign_in_origins]
}

run "a_sign_in_origin_without_a_domain" {
  command = plan

  variables {
    sign_in_origins = ["https://login.example.com"]
  }

  expect_failures = [var.sign_in_origins]
}

run "an_image_without_a_tag" {
  command = plan

  variables {
    stream_image = "us-central1-docker.pkg.dev/my-project-1234/media/stream"
  }

  expect_failures = [var.stream_image]
}

run "something_unknown_to_adopt" {
  command = plan

  variables {
    adopt = ["buckets"]
  }

  expect_failures = [var.adopt]
}

run "more_instances_at_least_than_at_most" {
  command = plan

  variables {
    worker_capacity = { min_instances = 30, max_instances = 20 }
  }

  expect_failures = [terraform_data.capacity["worker"]]
}

run "half_a_cpu_for_many_streams" {
  command = plan

  variables {
    stream_capacity = { cpu = "0.5" }
  }

  expect_failures = [terraform_data.capacity["stream"]]
}

run "no_concurrency" {
  command = plan

  variables {
    worker_capacity = { concurrency = 0 }
  }

  expect_failures = [var.worker_capacity]
}

run "too_much_concurrency" {
  command = plan

  variables {
    api_capacity = { concurrency = 2000 }
  }

  expect_failures = [terraform_data.capacity["api"]]
}

run "three_cpus" {
  command = plan

  variables {
    api_capacity = { cpu = "3", max_instances = 5 }
  }

  expect_failures = [terraform_data.capacity["api"]]
}

run "cpus_in_thousandths" {
  command = plan

  variables {
    api_capacity = { cpu = "1000m" }
  }

  expect_failures = [terraform_data.capacity["api"]]
}

run "a_mebibyte_of_memory" {
  command = plan

  variables {
    stream_capacity = { memory = "1Mi" }
  }

  expect_failures = [terraform_data.capacity["stream"]]
}

run "memory_without_a_unit" {
  command = plan

  variables {
    stream_capacity = { memory = "512" }
  }

  expect_failures = [terraform_data.capacity["stream"]]
}

run "much_memory_for_one_cpu" {
  command = plan

  variables {
    worker_capacity  = { memory = "8Gi", max_instances = 20 }
    memory_quota_gib = 200
  }

  expect_failures = [terraform_data.capacity["worker"]]
}

run "more_cpus_than_a_new_project_has" {
  command = plan

  variables {
    api_capacity = { max_instances = 21 }
  }

  expect_failures = [terraform_data.capacity["api"]]
}

run "more_memory_than_a_new_project_has" {
  command = plan

  variables {
    worker_capacity = { memory = "4Gi", max_instances = 20 }
  }

  expect_failures = [terraform_data.capacity["worker"]]
}

run "fewer_places_than_tasks" {
  command = plan

  variables {
    worker_capacity = { max_instances = 5 }
  }

  expect_failures = [var.worker_capacity]
}

run "a_timeout_that_the_scheduler_refuses" {
  command = plan

  variables {
    worker_timeout_s  = 10
    delivery_budget_s = 5
  }

  expect_failures = [var.worker_timeout_s]
}

run "a_part_of_a_file" {
  command = plan

  variables {
    max_files = 1.5
  }

  expect_failures = [var.max_files]
}

run "a_part_of_a_second" {
  command = plan

  variables {
    lease_s = 0.5
  }

  expect_failures = [var.lease_s]
}

run "a_schedule_of_letters" {
  command = plan

  variables {
    sweep_schedule = "a b c d e"
  }

  expect_failures = [var.sweep_schedule]
}

run "a_schedule_with_a_99th_minute" {
  command = plan

  variables {
    sweep_schedule = "99 * * * *"
  }

  expect_failures = [var.sweep_schedule]
}

run "a_schedule_of_four_fields" {
  command = plan

  variables {
    sweep_schedule = "* * * *"
  }

  expect_failures = [var.sweep_schedule]
}

run "an_issuer_with_the_keys_of_another" {
  command = plan

  variables {
    auth_issuer   = "https://login.example.com/"
    auth_audience = "media"
  }

  expect_failures = [var.auth_jwks_url]
}

run "an_issuer_without_an_audience" {
  command = plan

  variables {
    auth_issuer   = "https://login.example.com/"
    auth_jwks_url = "https://login.example.com/jwks.json"
  }

  expect_failures = [var.auth_audience]
}

run "a_model_in_a_region_that_has_none" {
  command = plan

  variables {
    vertex_location = "us-central1"
  }

  expect_failures = [var.vertex_location]
}

run "a_model_of_a_provider_that_nobody_knows" {
  command = plan

  variables {
    model_fallback = "vertexai/gemini-3.5-flash-lite,anthropic/x"
  }

  expect_failures = [var.model_fallback]
}

run "pictures_without_encryption" {
  command = plan

  variables {
    openai_base_url = "http://models.example.com/v1"
  }

  expect_failures = [var.openai_base_url]
}

run "a_call_that_is_longer_than_its_delivery" {
  command = plan

  variables {
    call_timeout_s = 241
  }

  expect_failures = [var.call_timeout_s]
}

run "a_client_without_a_secret" {
  command = plan

  variables {
    google_client_id = "123456789012-abc.apps.googleusercontent.com"
  }

  expect_failures = [var.google_client_secret]
}

run "a_client_of_another_form" {
  command = plan

  variables {
    google_client_id     = "abc"
    google_client_secret = "s"
  }

  expect_failures = [var.google_client_id]
}

run "an_address_of_mail_with_a_line_break" {
  command = plan

  variables {
    alert_emails = ["a@example.com\nb@example.com"]
  }

  expect_failures = [var.alert_emails]
}

run "a_ban_of_another_length" {
  command = plan

  variables {
    ban_s = 61
  }

  expect_failures = [var.ban_s]
}

run "a_moderation_that_does_not_exist" {
  command = plan

  variables {
    moderation = "delete"
  }

  expect_failures = [var.moderation]
}

run "moderation_by_a_model_that_judges_nothing" {
  command = plan

  variables {
    analysis_model = "local/facts"
    moderation     = "hold"
  }

  expect_failures = [var.moderation]
}

run "more_in_the_queues_than_others_leave_room_for" {
  command = plan

  variables {
    max_queued_per_owner = 15
  }

  expect_failures = [var.max_queued_per_owner]
}

run "a_reanalysis_that_asks_about_everything_at_once" {
  command = plan

  variables {
    reanalysis_in_flight = 100
  }

  expect_failures = [var.reanalysis_in_flight]
}

run "a_bucket_to_import_from_that_is_a_folder" {
  command = plan

  variables {
    import_buckets = ["gs://shop-photos/2026"]
  }

  expect_failures = [var.import_buckets]
}

run "imports_from_the_files_of_all_owners" {
  command = plan

  variables {
    import_buckets = ["my-project-1234-media"]
  }

  expect_failures = [var.import_buckets]
}

run "new_objects_of_a_bucket_that_is_an_address" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "gs://shop-photos", owner = "team" }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_of_the_buckets_of_this_service" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "my-project-1234-media", owner = "team" }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_of_nobody" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "shop-photos" }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_of_two_owners" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "shop-photos", prefix = "users/{owner}/", owner = "team" }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_whose_owner_is_a_part_of_a_folder" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "shop-photos", prefix = "user-{owner}/" }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_whose_owner_has_blanks" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "shop-photos", owner = "our team" }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_in_no_language" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "shop-photos", owner = "team", language = "plain English" }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_that_are_not_analysed_twice_over" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "shop-photos", owner = "team", analyze = false, analyses = ["alt-text"] }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_that_are_meant_twice" {
  command = plan

  variables {
    import_new_objects = [{ bucket = "shop-photos", owner = "team" }, { bucket = "shop-photos", owner = "others" }]
  }

  expect_failures = [var.import_new_objects]
}

run "new_objects_of_more_folders_than_a_bucket_tells_of" {
  command = plan

  variables {
    import_new_objects = [for n in range(11) : { bucket = "shop-photos", prefix = "folder-${n}/", owner = "team" }]
  }

  expect_failures = [var.import_new_objects]
}

run "a_schedule_with_a_range_that_ends_before_it_begins" {
  command = plan

  variables {
    sweep_schedule = "50-10 * * * *"
  }

  expect_failures = [var.sweep_schedule]
}

run "a_schedule_with_a_step_of_none" {
  command = plan

  variables {
    sweep_schedule = "*/0 * * * *"
  }

  expect_failures = [var.sweep_schedule]
}

run "a_schedule_with_a_step_of_one_minute" {
  command = plan

  variables {
    sweep_schedule = "5/10 * * * *"
  }

  expect_failures = [var.sweep_schedule]
}

run "a_schedule_that_sleeps_at_night" {
  command = plan

  variables {
    sweep_schedule = "*/5 6-22 * * *"
  }

  expect_failures = [var.sweep_schedule]
}

run "a_schedule_with_two_spaces" {
  command = plan

  variables {
    sweep_schedule = "*/5  * * * *"
  }

  expect_failures = [var.sweep_schedule]
}

run "schedules_that_are_right" {
  command = plan

  variables {
    sweep_schedule = "0,3-58/5,*/30 * * * *"
  }
}

run "an_address_of_mail_without_a_host" {
  command = plan

  variables {
    alert_emails = ["ops@localhost"]
  }

  expect_failures = [var.alert_emails]
}

run "a_smoke_user_without_a_host" {
  command = plan

  variables {
    smoke_user = "smoke@"
  }

  expect_failures = [var.smoke_user]
}

run "a_bucket_of_the_state_with_a_scheme" {
  command = plan

  variables {
    repository   = "projects/my-project-1234/locations/us-central1/connections/c/repositories/r"
    state_bucket = "gs://my-project-1234-terraform"
  }

  expect_failures = [var.state_bucket]
}

run "a_repository_with_a_space" {
  command = plan

  variables {
    state_bucket = "my-project-1234-terraform"
    repository   = "projects/p/locations/us-central1/connections/c/repositories/my repository"
  }

  expect_failures = [var.repository]
}

run "a_repository_in_another_region" {
  command = plan

  variables {
    state_bucket = "my-project-1234-terraform"
    repository   = "projects/p/locations/europe-west1/connections/c/repositories/r"
  }

  expect_failures = [var.repository]
}

run "a_worker_with_a_space_in_its_address" {
  command = plan

  variables {
    worker_url = "https://media worker.run.app"
  }

  expect_failures = [var.worker_url]
}

run "a_database_named_as_a_uuid" {
  command = plan

  variables {
    firestore_database = "aaaaaaaa-1234-1234-1234-123456789abc"
  }

  expect_failures = [var.firestore_database]
}

run "more_addresses_than_an_alert_takes" {
  command = plan

  variables {
    alert_emails = [for i in range(17) : "ops-${i}@example.com"]
  }

  expect_failures = [var.alert_emails]
}

run "an_alert_that_never_ends" {
  command = plan

  variables {
    alert_thresholds = { pending_s = 0 }
  }

  expect_failures = [var.alert_thresholds]
}

run "an_alert_that_never_comes" {
  command = plan

  variables {
    alert_thresholds = { pending_s = 1000000 }
  }

  expect_failures = [var.alert_thresholds]
}

run "an_alert_on_messages_that_never_ends" {
  command = plan

  variables {
    alert_thresholds = { message_overdue_s = 0 }
  }

  expect_failures = [var.alert_thresholds]
}

run "an_alert_on_messages_that_never_comes" {
  command = plan

  variables {
    alert_thresholds = { refused_ratio = 1 }
  }

  expect_failures = [var.alert_thresholds]
}

run "an_owner_who_may_cost_more_than_all" {
  command = plan

  variables {
    max_usd_per_day       = 1
    max_owner_usd_per_day = 2
  }

  expect_failures = [var.max_owner_usd_per_day]
}
