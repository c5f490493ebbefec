/* Representations: preparing the text of their header fields. */
#ifndef HTTPD_REP_H
#define HTTPD_REP_H

#include "site.h"

#define REP_HEAD_MAX 320u /* bytes of prepared fields */

/* Fill head of rep. false: no memory. `vary`: the choice depends on Accept-Encoding. */
bool rep_describe(struct site_rep *rep, const char *type, bool gzip, bool vary);

#endif
