# The dashboard's page, script and style, as C strings.

aistream_page=$ngx_addon_dir/ngx_http_aistream_module/status/page
aistream_header=$NGX_OBJS/ngx_http_aistream_status_page.h

cat << END                                                    >> $NGX_MAKEFILE

$aistream_header:	$aistream_page/status.html $aistream_page/status.css \\
	$aistream_page/status.js $ngx_addon_dir/util/embed
	$ngx_addon_dir/util/embed $aistream_page/status > $aistream_header.new
	mv $aistream_header.new $aistream_header

END
