# Which path goes to which unit. local/gateway.ts has the same rules.

resource "google_compute_url_map" "media" {
  name            = "media"
  default_service = google_compute_backend_bucket.page.id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "media"
  }

  path_matcher {
    name            = "media"
    default_service = google_compute_backend_bucket.page.id

    # Only a template can have a wildcard in the middle. In a path rule "*" may stand only at the end.
    # https://cloud.google.com/load-balancing/docs/url-map-concepts#wildcards-regx-dynamic-route
    route_rules {
      priority = 1
      service  = google_compute_backend_service.stream.id

      match_rules {
        full_path_match = "/api/agent/analyze-media/stream"
      }
      match_rules {
        path_template_match = "/api/media/*/stream"
      }
    }

    route_rules {
      priority = 2
      service  = google_compute_backend_service.api.id

      match_rules {
        prefix_match = "/api/"
      }
    }

    route_rules {
      priority = 3
      service  = google_compute_backend_bucket.assets.id

      match_rules {
        prefix_match = "/assets/"
      }
    }
  }
}

resource "google_compute_url_map" "redirect" {
  name = "media-redirect"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "PERMANENT_REDIRECT"
    strip_query            = false
  }

  depends_on = [google_project_service.required]
}
