# The page. With a domain, its built files are in a bucket that only the load balancer may read. Without one, they are in
# the stream's image.

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
    txt   = "text/plain; charset=utf-8"
    woff2 = "font/woff2"

    webmanifest = "application/manifest+json"
  }

  # The headers of the page are in one file, which the stream reads too. It names what differs between deployments in
  # braces.
  page_header_file = jsondecode(file("${path.module}/../shared/page-headers.json"))
  page_sources = {
    "{api}"    = []
    "{stream}" = []
    # Signed URLs lead to this origin.
    "{storage}" = ["https://storage.googleapis.com"]
    "{sign_in}" = local.signs_in ? [local.sign_in.identity_url, local.sign_in.token_url] : []
  }
  # A sign-in script of one's own may come from these origins, call them, and show their pages in frames.
  own_sign_in = length(var.sign_in_origins) == 0 ? {} : {
    script-src  = var.sign_in_origins
    connect-src = var.sign_in_origins
    frame-src   = concat(["'self'"], var.sign_in_origins)
  }
  page_directives = local.page_header_file["Content-Security-Policy"]
  page_policy = join("; ", [
    for directive in setunion(keys(local.page_directives), keys(local.own_sign_in)) : join(" ", concat(
      [directive],
      flatten([for source in try(local.page_directives[directive], []) : lookup(local.page_sources, source, [source])]),
      try(local.own_sign_in[directive], []),
    ))
  ])
  page_headers = concat(
    ["Content-Security-Policy: ${local.page_policy}"],
    [for name, value in local.page_header_file : "${name}: ${value}" if name != "Content-Security-Policy"],
  )
}

# The page reads this from /config.json (web/src/page/shell/config.ts). Without a domain, the stream serves it from PAGE_CONFIG.
locals {
  page_config = jsonencode(merge(
    local.has_domain ? {} : { api_url = local.api_url },
    local.signs_in ? { sign_in = local.sign_in } : {},
  ))
}

resource "google_storage_bucket" "page" {
  count = local.has_domain ? 1 : 0

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

  depends_on = [time_sleep.services_known]
}

resource "google_storage_bucket_object" "page" {
  for_each = local.has_domain ? setsubtract(fileset(local.page_dir, "**"), ["config.json"]) : []

  bucket         = google_storage_bucket.page[0].name
  name           = each.value
  source         = "${local.page_dir}/${each.value}"
  source_md5hash = filemd5("${local.page_dir}/${each.value}")
  content_type   = lookup(local.page_types, reverse(split(".", each.value))[0], "application/octet-stream")
}

# The page's settings, asked for each time: see page_config below.
resource "google_storage_bucket_object" "page_config" {
  count = local.has_domain ? 1 : 0

  bucket        = google_storage_bucket.page[0].name
  name          = "config.json"
  content       = local.page_config
  content_type  = "application/json"
  cache_control = "no-cache"
}

# Cloud Storage marks answers from a private bucket as "private". The cache times are set here instead.
# The page itself is requested each time; the names of its assets contain a hash of their content.
resource "google_compute_backend_bucket" "page" {
  count = local.has_domain ? 1 : 0

  name                    = "media-page"
  bucket_name             = google_storage_bucket.page[0].name
  enable_cdn              = true
  compression_mode        = "AUTOMATIC"
  custom_response_headers = local.page_headers

  cdn_policy {
    cache_mode  = "FORCE_CACHE_ALL"
    default_ttl = 0
    client_ttl  = 0
  }

  depends_on = [time_sleep.services_known]
}

resource "google_compute_backend_bucket" "assets" {
  count = local.has_domain ? 1 : 0

  name                    = "media-assets"
  bucket_name             = google_storage_bucket.page[0].name
  enable_cdn              = true
  compression_mode        = "AUTOMATIC"
  custom_response_headers = local.page_headers

  cdn_policy {
    cache_mode  = "FORCE_CACHE_ALL"
    default_ttl = 2592000
    client_ttl  = 86400
  }

  depends_on = [time_sleep.services_known]
}

# The project's first backend bucket creates the load balancer's own account.
# https://cloud.google.com/cdn/docs/setting-up-cdn-with-bucket#enable_private_bucket_access
resource "time_sleep" "load_balancer_account" {
  count = local.has_domain ? 1 : 0

  create_duration = "30s"

  depends_on = [google_compute_backend_bucket.page]
}

resource "google_storage_bucket_iam_member" "load_balancer_page" {
  count = local.has_domain ? 1 : 0

  bucket = google_storage_bucket.page[0].name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:service-${data.google_project.this.number}@https-lb.iam.gserviceaccount.com"

  depends_on = [time_sleep.load_balancer_account]
}
