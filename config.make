# Strings of C that are generated: the dashboard, Redis' scripts, the version.
# Only objects named here depend on the version, which each commit changes.

aistream=$ngx_addon_dir/ngx_http_aistream_module
aistream_util=$ngx_addon_dir/util
aistream_embed=$aistream_util/embed
aistream_page=$NGX_OBJS/ngx_http_aistream_status_page.h
aistream_redis=$NGX_OBJS/ngx_http_aistream_redis_scripts.h
aistream_version=$NGX_OBJS/ngx_http_aistream_version.h
aistream_objs=$NGX_OBJS/addon

cat << END                                                    >> $NGX_MAKEFILE

$aistream_page:	$aistream/status/page/status.html \\
	$aistream/status/page/status.css $aistream/status/page/status.js \\
	$aistream_embed
	$aistream_embed $aistream/status/page/status.* > $aistream_page.new
	mv $aistream_page.new $aistream_page

$aistream_redis:	$aistream/session/redis/redis_load.lua \\
	$aistream/session/redis/redis_remove.lua \\
	$aistream/session/redis/redis_save.lua $aistream_embed
	$aistream_embed $aistream/session/redis/redis_*.lua \\
		> $aistream_redis.new
	mv $aistream_redis.new $aistream_redis

$aistream_version:	ngx_http_aistream_always
	echo "#define NGX_HTTP_AISTREAM_VERSION  \\"\`$aistream_util/version\`\\"" \\
		> $aistream_version.new
	cmp -s $aistream_version.new $aistream_version \\
		|| mv $aistream_version.new $aistream_version

ngx_http_aistream_always:

$aistream_objs/ngx_http_aistream_module/ngx_http_aistream_module.o \\
$aistream_objs/status/ngx_http_aistream_status_version.o:	\\
	$aistream_version

END
