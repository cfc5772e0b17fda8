# BusyBox alone: 2 MB, for tests, scripts and small servers (sh, httpd, nc, wget).
owned=()

fill() { base; }

changes() {
  cat <<'END'
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["sh"]
END
}
