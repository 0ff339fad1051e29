# With a domain: one address for the page, the api and the stream, a global external Application Load Balancer.

resource "google_compute_global_address" "media" {
  count = local.has_domain ? 1 : 0

  name = "media"

  depends_on = [time_sleep.services_known]
}

resource "google_compute_region_network_endpoint_group" "api" {
  count = local.has_domain ? 1 : 0

  name                  = "media-api"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.api.name
  }
}

resource "google_compute_region_network_endpoint_group" "stream" {
  count = local.has_domain ? 1 : 0

  name                  = "media-stream"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.stream.name
  }
}

# Cloud Run's own timeout applies to a serverless backend; Google refuses a timeout here.
resource "google_compute_backend_service" "api" {
  count = local.has_domain ? 1 : 0

  name                  = "media-api"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.media[0].id

  backend {
    group = google_compute_region_network_endpoint_group.api[0].id
  }

  log_config {
    enable      = true
    sample_rate = 0.1
  }
}

# Events are small and must leave at once, so there is no CDN and no compression.
resource "google_compute_backend_service" "stream" {
  count = local.has_domain ? 1 : 0

  name                  = "media-stream"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.media[0].id

  backend {
    group = google_compute_region_network_endpoint_group.stream[0].id
  }

  log_config {
    enable      = true
    sample_rate = 0.1
  }
}

resource "google_compute_managed_ssl_certificate" "media" {
  count = local.has_domain ? 1 : 0

  # A certificate cannot be changed. Another domain gets a certificate with another name, created before
  # the old one is deleted.
  name = "media-${substr(sha256(var.domain), 0, 8)}"

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [time_sleep.services_known]
}

resource "google_compute_ssl_policy" "media" {
  count = local.has_domain ? 1 : 0

  name            = "media"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [time_sleep.services_known]
}

resource "google_compute_target_https_proxy" "media" {
  count = local.has_domain ? 1 : 0

  name             = "media"
  url_map          = google_compute_url_map.media[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.media[0].id]
  ssl_policy       = google_compute_ssl_policy.media[0].id
}

resource "google_compute_global_forwarding_rule" "https" {
  count = local.has_domain ? 1 : 0

  name                  = "media-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.media[0].id
  port_range            = "443"
  target                = google_compute_target_https_proxy.media[0].id
}

resource "google_compute_target_http_proxy" "redirect" {
  count = local.has_domain ? 1 : 0

  name    = "media-redirect"
  url_map = google_compute_url_map.redirect[0].id
}

resource "google_compute_global_forwarding_rule" "http" {
  count = local.has_domain ? 1 : 0

  name                  = "media-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.media[0].id
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect[0].id
}
