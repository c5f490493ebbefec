/* A domain says that it lives: see moxie/parent.h. */
#include <moxie/parent.h>

static struct mx_control answer;
static bool due;

bool mx_parent_recv(struct mx_control_end *parent, struct mx_control *m)
{
	while (mx_control_recv(parent, m)) {
		if (m->op != MX_CTL_ALIVE)
			return true;
		answer = (struct mx_control){.op = MX_CTL_ALIVE, .value = m->value};
		due = true;
	}
	if (due && mx_control_try_send(parent, &answer))
		due = false;
	return false;
}
