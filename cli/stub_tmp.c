#include "cli/cli.h"
int stoa_verb_init(stoa_args *a){(void)a;return 2;}
int stoa_verb_serve(stoa_args *a){(void)a;return 2;}
