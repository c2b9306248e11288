/**
 * What there is in our schemas, as statements that would make it, one query per kind of object. Each gives rows of
 * (section, object, part, detail, statement); the first four say where the statement stands.
 *
 * PostgreSQL's own functions write the definitions. Where versions 15 to 18 differ, the query leaves out what differs:
 * NOT NULL stands with its column (18 lists it as a constraint too), and an owner's own privileges are not listed
 * (17 has one more, MAINTAIN).
 */

const SCHEMAS = `('blindagem', 'blindagem_private', 'blindagem_audit')`;

/** Grants on an object, from its access list (or the default one): what each role but the owner may do. */
const grants = (
  target: string,
  acl: string,
  owner: string,
  from: string,
  section: string,
  object: string,
) => `
  select ${section} as section, ${object} as object, 8 as part, grantee as detail,
    format('grant %s on %s to %s;', privileges, ${target}, grantee) as statement
  from ${from}
  cross join lateral (
    select case grantee when 0 then 'public' else grantee::regrole::text end as grantee,
      string_agg(lower(privilege_type), ', ' order by privilege_type) as privileges
    from aclexplode(${acl}) where grantee <> ${owner} group by grantee) as g`;

const OF_SCHEMAS = [
  `select 1, nspname, 0, '', format('create schema %I authorization %s;', nspname, nspowner::regrole)
   from pg_namespace where nspname in ${SCHEMAS}`,
  `select 1, nspname, 9, '', format('comment on schema %I is %L;', nspname, obj_description(oid, 'pg_namespace'))
   from pg_namespace where nspname in ${SCHEMAS}`,
  grants(
    "'schema ' || quote_ident(nspname)",
    "nspacl",
    "nspowner",
    `(select * from pg_namespace where nspname in ${SCHEMAS}) as n`,
    "1",
    "nspname",
  ),
  `select 1, '~', 0, defaclrole::regrole::text || defaclobjtype::text, format(
     '-- %s made by %s can be used by: %s', case defaclobjtype when 'f' then 'functions' else defaclobjtype::text end,
     defaclrole::regrole, (
       select string_agg(distinct case grantee when 0 then 'public' else grantee::regrole::text end, ', ')
       from aclexplode(defaclacl)))
   from pg_default_acl where defaclrole in (select nspowner from pg_namespace where nspname in ${SCHEMAS})`,
];

const OF_TYPES = [
  `select 2, t.oid::regtype::text, 0, '', format('create domain %s as %s%s;', t.oid::regtype,
     format_type(t.typbasetype, t.typtypmod), (
       select string_agg(format(' constraint %I %s', conname, pg_get_constraintdef(c.oid)), '' order by conname)
       from pg_constraint c where c.contypid = t.oid and c.contype = 'c'))
   from pg_type t join pg_namespace n on n.oid = t.typnamespace
   where t.typtype = 'd' and nspname in ${SCHEMAS}`,
  `select 2, t.oid::regtype::text, 0, '', format('create type %s as (%s);', t.oid::regtype, (
     select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum)
     from pg_attribute a where a.attrelid = t.typrelid and attnum > 0 and not attisdropped))
   from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_class c on c.oid = t.typrelid
   where c.relkind = 'c' and nspname in ${SCHEMAS}`,
  `select 2, t.oid::regtype::text, 9, '', format('comment on %s %s is %L;',
     case t.typtype when 'd' then 'domain' else 'type' end, t.oid::regtype, obj_description(t.oid, 'pg_type'))
   from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
   where (t.typtype = 'd' or c.relkind = 'c') and nspname in ${SCHEMAS}`,
];

const FUNCTIONS = `(select p.* from pg_proc p join pg_namespace n on n.oid = p.pronamespace where nspname in ${SCHEMAS}) as p`;
const OF_FUNCTIONS = [
  `select 3, p.oid::regprocedure::text, 0, '', pg_get_functiondef(p.oid) || ';' from ${FUNCTIONS} where prokind <> 'a'`,
  `select 3, p.oid::regprocedure::text, 0, '', format('create aggregate %s (sfunc = %s, stype = %s, initcond = %L);',
     p.oid::regprocedure, a.aggtransfn::regproc, a.aggtranstype::regtype, a.agginitval)
   from ${FUNCTIONS} join pg_aggregate a on a.aggfnoid = p.oid`,
  `select 3, p.oid::regprocedure::text, 1, '', format('alter function %s owner to %s;', p.oid::regprocedure, proowner::regrole)
   from ${FUNCTIONS}`,
  grants(
    "'function ' || p.oid::regprocedure",
    "coalesce(proacl, acldefault('f', proowner))",
    "proowner",
    FUNCTIONS,
    "3",
    "p.oid::regprocedure::text",
  ),
  `select 3, p.oid::regprocedure::text, 9, '', format('comment on function %s is %L;', p.oid::regprocedure, obj_description(p.oid, 'pg_proc'))
   from ${FUNCTIONS}`,
];

const RELATIONS = `(select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v') and nspname in ${SCHEMAS}) as c`;
const SECTION = "case c.relkind when 'v' then 5 else 4 end";
const ON = (table: string, column: string) => `join ${table} on ${column} = c.oid`;

const OF_RELATIONS = [
  `select 4, c.oid::regclass::text, 0, '', format(E'create table %s (\\n%s\\n)%s;', c.oid::regclass, (
     select string_agg(format('  %I %s%s%s%s', attname, format_type(atttypid, atttypmod),
       case when attidentity = 'a' then ' generated always as identity' when attidentity = 'd' then ' generated by default as identity' end,
       case when attnotnull then ' not null' end,
       case attgenerated when '' then ' default ' || pg_get_expr(d.adbin, d.adrelid)
         else format(' generated always as (%s) stored', pg_get_expr(d.adbin, d.adrelid)) end), E',\\n' order by attnum)
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = c.oid and attnum > 0 and not attisdropped),
     ' partition by ' || pg_get_partkeydef(c.oid))
   from ${RELATIONS} where c.relkind in ('r', 'p') and not relispartition`,
  `select 4, c.oid::regclass::text, 0, '', format('create table %s partition of %s %s;',
     c.oid::regclass, inhparent::regclass, pg_get_expr(c.relpartbound, c.oid))
   from ${RELATIONS} ${ON("pg_inherits", "inhrelid")} where relispartition`,
  `select 5, c.oid::regclass::text, 0, '', format(E'create view %s with (%s) as\\n%s', c.oid::regclass,
     array_to_string(c.reloptions, ', '), pg_get_viewdef(c.oid))
   from ${RELATIONS} where c.relkind = 'v'`,
  `select ${SECTION}, c.oid::regclass::text, 1, '', format('alter table %s owner to %s;', c.oid::regclass, relowner::regrole)
   from ${RELATIONS}`,
  `select 4, c.oid::regclass::text, 2, conname, format('alter table %s add constraint %I %s;',
     c.oid::regclass, conname, pg_get_constraintdef(k.oid))
   from ${RELATIONS} ${ON("pg_constraint k", "k.conrelid")} where contype in ('p', 'u', 'c', 'f', 'x') and not relispartition`,
  `select 4, c.oid::regclass::text, 3, indexrelid::regclass::text, pg_get_indexdef(indexrelid) || ';'
   from ${RELATIONS} ${ON("pg_index i", "i.indrelid")}
   where not exists (select from pg_constraint k where k.conindid = i.indexrelid)`,
  `select 4, c.oid::regclass::text, 4, tgname, pg_get_triggerdef(t.oid) || ';' || case tgenabled when 'O' then ''
     else format(E'\\nalter table %s %s trigger %I;', c.oid::regclass,
       case tgenabled when 'A' then 'enable always' when 'R' then 'enable replica' else 'disable' end, tgname) end
   from ${RELATIONS} ${ON("pg_trigger t", "t.tgrelid")} where not tgisinternal`,
  // What nobody should have made: a foreign key that is switched off, a rule that does something else instead.
  `select 4, c.oid::regclass::text, 4, tgname, format('alter table %s disable trigger %I;', c.oid::regclass, tgname)
   from ${RELATIONS} ${ON("pg_trigger t", "t.tgrelid")} where tgisinternal and tgenabled <> 'O'`,
  `select 4, c.oid::regclass::text, 4, rulename, pg_get_ruledef(r.oid)
   from ${RELATIONS} ${ON("pg_rewrite r", "r.ev_class")} where rulename <> '_RETURN'`,
  `select 4, c.oid::regclass::text, 5, '', format('alter table %s %s row level security;', c.oid::regclass,
     case when relforcerowsecurity then 'force' when relrowsecurity then 'enable' else 'disable' end)
   from ${RELATIONS} where c.relkind in ('r', 'p')`,
  `select 4, c.oid::regclass::text, 6, polname, format('create policy %I on %s%s for %s to %s%s%s;', polname, c.oid::regclass,
     case when polpermissive then '' else ' as restrictive' end,
     case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end, (
       select string_agg(case role when 0 then 'public' else role::regrole::text end, ', ' order by role::regrole::text)
       from unnest(polroles) as role),
     ' using (' || pg_get_expr(polqual, polrelid) || ')', ' with check (' || pg_get_expr(polwithcheck, polrelid) || ')')
   from ${RELATIONS} ${ON("pg_policy p", "p.polrelid")}`,
  grants(
    "c.oid::regclass",
    "coalesce(relacl, acldefault('r', relowner))",
    "relowner",
    RELATIONS,
    SECTION,
    "c.oid::regclass::text",
  ),
  `select ${SECTION}, c.oid::regclass::text, 8, grantee || ' columns', format('grant %s (%s) on %s to %s;', privilege, columns, c.oid::regclass, grantee)
   from ${RELATIONS} cross join lateral (
     select case grantee when 0 then 'public' else grantee::regrole::text end as grantee, lower(privilege_type) as privilege,
       string_agg(quote_ident(attname), ', ' order by attnum) as columns
     from pg_attribute a cross join aclexplode(a.attacl) where a.attrelid = c.oid and not attisdropped
     group by grantee, privilege_type) as g`,
  `select ${SECTION}, c.oid::regclass::text, 9, '', format('comment on %s %s is %L;',
     case c.relkind when 'v' then 'view' else 'table' end, c.oid::regclass, obj_description(c.oid, 'pg_class'))
   from ${RELATIONS} where obj_description(c.oid, 'pg_class') is not null`,
  `select ${SECTION}, c.oid::regclass::text, 9, lpad(attnum::text, 4, '0'), format('comment on column %s.%I is %L;',
     c.oid::regclass, attname, col_description(c.oid, attnum))
   from ${RELATIONS} ${ON("pg_attribute a", "a.attrelid")} where col_description(c.oid, attnum) is not null`,
];

const SEQUENCES = `(select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'S' and nspname in ${SCHEMAS}) as c`;

export const CATALOGUE_QUERIES: readonly string[] = [
  ...OF_SCHEMAS,
  ...OF_TYPES,
  ...OF_FUNCTIONS,
  ...OF_RELATIONS,
  grants(
    "'sequence ' || c.oid::regclass",
    "relacl",
    "relowner",
    SEQUENCES,
    "6",
    "c.oid::regclass::text",
  ),
];
