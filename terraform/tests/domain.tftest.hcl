# With a domain: load balancer, Cloud Armor and CDN.

mock_provider "google" {
  source = "./tests/mocks"
}
mock_provider "archive" {}
mock_provider "time" {}

variables {
  project_id     = "my-project-1234"
  domain         = "media.example.com"
  analysis_model = "vertexai/gemini-3.5-flash-lite"
  stream_image   = "us-central1-docker.pkg.dev/my-project-1234/media/stream:1"
}

run "only_the_load_balancer_reaches_the_units" {
  assert {
    condition     = google_cloud_run_v2_service.stream.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    error_message = "The stream can be reached past Cloud Armor."
  }
  assert {
    condition     = google_cloudfunctions2_function.api.service_config[0].ingress_settings == "ALLOW_INTERNAL_AND_GCLB"
    error_message = "The api can be reached past Cloud Armor."
  }
  assert {
    condition     = alltrue([for each in [google_compute_backend_service.api[0], google_compute_backend_service.stream[0]] : each.security_policy == google_compute_security_policy.media[0].id])
    error_message = "A unit is not behind Cloud Armor."
  }
}

run "page_and_api_share_one_origin" {
  assert {
    condition     = output.url == "https://media.example.com" && output.api_url == "https://media.example.com/api/"
    error_message = "The addresses are ${output.url} and ${output.api_url}."
  }
  assert {
    condition     = join(",", keys(jsondecode(google_storage_bucket_object.page_config[0].content))) == "sign_in"
    error_message = "The page's settings name another origin: ${google_storage_bucket_object.page_config[0].content}"
  }
  assert {
    condition     = google_storage_bucket_object.page_config[0].cache_control == "no-cache" && google_storage_bucket_object.page_config[0].name == "config.json"
    error_message = "The page's settings are kept by caches."
  }
  assert {
    condition     = length([for each in google_cloud_run_v2_service.stream.template[0].containers[0].env : each if each.name == "PAGE_CONFIG"]) == 0
    error_message = "The stream has settings for a page that it does not serve."
  }
  assert {
    condition     = google_identity_platform_config.media[0].authorized_domains[0] == "media.example.com"
    error_message = "Identity Platform does not know the page's host."
  }
}

run "the_policy_of_the_page_allows_what_it_needs_and_no_more" {
  variables {
    sign_in_origins = ["https://login.example.com"]
  }

  assert {
    condition     = length([for each in google_compute_backend_bucket.page[0].custom_response_headers : each if strcontains(each, "{") || strcontains(each, "\n")]) == 0
    error_message = "A header is not complete: ${join(" | ", google_compute_backend_bucket.page[0].custom_response_headers)}"
  }
  assert {
    condition     = strcontains(join(" ", google_compute_backend_bucket.page[0].custom_response_headers), "connect-src 'self' https://storage.googleapis.com https://identitytoolkit.googleapis.com https://securetoken.googleapis.com https://login.example.com;")
    error_message = "The page may not call what it needs: ${join(" | ", google_compute_backend_bucket.page[0].custom_response_headers)}"
  }
  assert {
    condition     = google_compute_backend_bucket.page[0].custom_response_headers == google_compute_backend_bucket.assets[0].custom_response_headers
    error_message = "The assets have other headers than the page."
  }
}

run "the_root_is_the_page" {
  assert {
    condition     = one([for each in google_compute_url_map.media[0].path_matcher[0].route_rules : each.route_action[0].url_rewrite[0].path_prefix_rewrite if each.match_rules[0].full_path_match == "/"]) == "/index.html"
    error_message = "/ is no page."
  }
}

run "a_budget_watches_the_bill" {
  variables {
    billing_account = "012345-6789AB-CDEF01"
    monthly_budget  = 80
  }

  assert {
    condition     = google_billing_budget.media[0].amount[0].specified_amount[0].units == "80"
    error_message = "The budget has another amount."
  }
}

run "sign_in_with_google" {
  variables {
    google_client_id     = "123456789012-abc.apps.googleusercontent.com"
    google_client_secret = "a-secret"
  }

  assert {
    condition     = jsondecode(google_storage_bucket_object.page_config[0].content).sign_in.google_client_id == "123456789012-abc.apps.googleusercontent.com"
    error_message = "The page has no client id."
  }
  assert {
    condition     = google_identity_platform_default_supported_idp_config.google[0].enabled
    error_message = "Identity Platform refuses Google's tokens."
  }
}

run "a_domain_in_japanese_letters" {
  command = plan

  variables {
    domain = "photos.xn--q9jyb4c"
  }

  assert {
    condition     = output.url == "https://photos.xn--q9jyb4c"
    error_message = "The address is ${output.url}."
  }
}
