# Which path goes to which unit. local/gateway.ts has the same rules.

resource "google_compute_url_map" "media" {
  count = local.has_domain ? 1 : 0

  name            = "media"
  default_service = google_compute_backend_bucket.page[0].id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "media"
  }

  path_matcher {
    name            = "media"
    default_service = google_compute_backend_bucket.page[0].id

    # Only a template can have a wildcard in the middle. In a path rule "*" may stand only at the end.
    # https://cloud.google.com/load-balancing/docs/url-map-concepts#wildcards-regx-dynamic-route
    route_rules {
      priority = 1
      service  = google_compute_backend_service.stream[0].id

      match_rules {
        full_path_match = "/api/agent/analyze-media/stream"
      }
      match_rules {
        full_path_match = "/api/media/stream"
      }
      match_rules {
        path_template_match = "/api/media/*/stream"
      }
      match_rules {
        path_template_match = "/api/reanalyses/*/stream"
      }
    }

    route_rules {
      priority = 2
      service  = google_compute_backend_service.api[0].id

      match_rules {
        prefix_match = "/api/"
      }
    }

    route_rules {
      priority = 3
      service  = google_compute_backend_bucket.assets[0].id

      match_rules {
        prefix_match = "/assets/"
      }
    }

    # The bucket is private, so its own rule for "/" (a website's main page) does not apply for sure.
    route_rules {
      priority = 4
      service  = google_compute_backend_bucket.page[0].id

      match_rules {
        full_path_match = "/"
      }
      route_action {
        url_rewrite {
          path_prefix_rewrite = "/index.html"
        }
      }
    }
  }
  # Google refuses the map if one of these leads elsewhere.
  dynamic "test" {
    for_each = {
      "/api/media"                      = google_compute_backend_service.api[0].id
      "/api/media/abc123"               = google_compute_backend_service.api[0].id
      "/api/media/stream"               = google_compute_backend_service.stream[0].id
      "/api/media/abc123/stream"        = google_compute_backend_service.stream[0].id
      "/api/reanalyses/abc123"          = google_compute_backend_service.api[0].id
      "/api/reanalyses/abc123/stream"   = google_compute_backend_service.stream[0].id
      "/api/agent/analyze-media"        = google_compute_backend_service.api[0].id
      "/api/agent/analyze-media/stream" = google_compute_backend_service.stream[0].id
      "/assets/page.js"                 = google_compute_backend_bucket.assets[0].id
      "/service-worker.js"              = google_compute_backend_bucket.page[0].id
      "/config.json"                    = google_compute_backend_bucket.page[0].id
      "/tasks/sweep"                    = google_compute_backend_bucket.page[0].id
    }
    content {
      host    = var.domain
      path    = test.key
      service = test.value
    }
  }
}

resource "google_compute_url_map" "redirect" {
  count = local.has_domain ? 1 : 0

  name = "media-redirect"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "PERMANENT_REDIRECT"
    strip_query            = false
  }

  depends_on = [time_sleep.services_known]
}
