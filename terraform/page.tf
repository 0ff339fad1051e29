# The web page: its built files, in a bucket that only the load balancer may read.

locals {
  page_dir = "${path.module}/../web/dist"

  page_types = {
    css   = "text/css; charset=utf-8"
    html  = "text/html; charset=utf-8"
    ico   = "image/x-icon"
    js    = "text/javascript; charset=utf-8"
    json  = "application/json"
    map   = "application/json"
    png   = "image/png"
    svg   = "image/svg+xml"
    woff2 = "font/woff2"
  }

  # Signed URLs lead to this origin.
  storage_origin = "https://storage.googleapis.com"
  page_policy = join("; ", [
    "default-src 'none'",
    join(" ", concat(["script-src 'self'"], var.sign_in_origins)),
    "style-src 'self'",
    "img-src 'self' blob: ${local.storage_origin}",
    "media-src 'self' ${local.storage_origin}",
    join(" ", concat(["connect-src 'self'", local.storage_origin], var.sign_in_origins)),
    join(" ", concat(["frame-src 'self'"], var.sign_in_origins)),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
  page_headers = [
    "Content-Security-Policy: ${local.page_policy}",
    "Referrer-Policy: no-referrer",
    "Strict-Transport-Security: max-age=31536000",
    "X-Content-Type-Options: nosniff",
  ]
}

resource "google_storage_bucket" "page" {
  name                        = "${var.project_id}-media-page"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  website {
    main_page_suffix = "index.html"
  }

  lifecycle {
    precondition {
      condition     = fileexists("${local.page_dir}/index.html")
      error_message = "The page is not built. Run: npm run build"
    }
  }

  depends_on = [google_project_service.required]
}

resource "google_storage_bucket_object" "page" {
  for_each = fileset(local.page_dir, "**")

  bucket         = google_storage_bucket.page.name
  name           = each.value
  source         = "${local.page_dir}/${each.value}"
  source_md5hash = filemd5("${local.page_dir}/${each.value}")
  content_type   = lookup(local.page_types, reverse(split(".", each.value))[0], "application/octet-stream")
}

# Cloud Storage marks answers from a private bucket as "private". The cache times are set here instead.
# The page itself is requested each time; the names of its assets contain a hash of their content.
resource "google_compute_backend_bucket" "page" {
  name                    = "media-page"
  bucket_name             = google_storage_bucket.page.name
  enable_cdn              = true
  compression_mode        = "AUTOMATIC"
  custom_response_headers = local.page_headers

  cdn_policy {
    cache_mode  = "FORCE_CACHE_ALL"
    default_ttl = 0
    client_ttl  = 0
  }

  depends_on = [google_project_service.required]
}

resource "google_compute_backend_bucket" "assets" {
  name                    = "media-assets"
  bucket_name             = google_storage_bucket.page.name
  enable_cdn              = true
  compression_mode        = "AUTOMATIC"
  custom_response_headers = local.page_headers

  cdn_policy {
    cache_mode  = "FORCE_CACHE_ALL"
    default_ttl = 2592000
    client_ttl  = 86400
  }

  depends_on = [google_project_service.required]
}

# The project's first backend bucket creates the load balancer's own account.
# https://cloud.google.com/cdn/docs/setting-up-cdn-with-bucket#enable_private_bucket_access
resource "time_sleep" "load_balancer_account" {
  create_duration = "30s"

  depends_on = [google_compute_backend_bucket.page]
}

resource "google_storage_bucket_iam_member" "load_balancer_page" {
  bucket = google_storage_bucket.page.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:service-${data.google_project.this.number}@https-lb.iam.gserviceaccount.com"

  depends_on = [time_sleep.load_balancer_account]
}
